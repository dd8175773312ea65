//! Asks the catalog what products cost now.
use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;
use kit::{
    Call,
    actor::Actor,
    ids::{ProductId, RealmId},
    stores::Stores,
    transport::Transport,
};
use proto::catalog::v1::{BatchGetProductsRequest, Product, product_service_client::ProductServiceClient};

use crate::{
    Error,
    cart::Cart,
    offer::{Offer, Offers},
};

/// How many products the catalog tells about at once.
const BATCH: usize = 200;

/// The catalog, as carts sees it.
#[derive(Clone)]
pub struct Catalog {
    products: ProductServiceClient<Transport>,
    stores: Stores,
}

impl Catalog {
    /// Over this client; `stores` tell which realm a seller belongs to.
    #[must_use]
    pub fn new(products: ProductServiceClient<Transport>, stores: Stores) -> Self {
        Self { products, stores }
    }

    /// The offers of `products`, in one call unless they are very many.
    pub async fn offers(&self, call: &Call, products: impl Iterator<Item = ProductId>) -> Result<Offers, Error> {
        let asked: HashSet<ProductId> = products.collect();
        let ids: Vec<String> = asked.iter().copied().map(String::from).collect();
        let batches = ids.chunks(BATCH).map(|ids| self.batch(call, ids.to_vec()));
        let mut found = HashMap::with_capacity(asked.len());
        for product in try_join_all(batches).await?.into_iter().flatten() {
            if let Ok(id) = product.id.parse() {
                found.insert(id, Offer::try_from(product)?);
            }
        }
        Ok(Offers::new(found))
    }

    async fn batch(&self, call: &Call, ids: Vec<String>) -> Result<Vec<Product>, Error> {
        let request = call.trace(BatchGetProductsRequest { ids });
        Ok(self.products.clone().batch_get_products(request).await?.into_inner().products)
    }

    /// Passes when `actor` may put what `offer` sells into `cart`: it comes from their store, or from their network.
    pub async fn check_seller(&self, actor: &Actor, cart: &Cart, offer: &Offer) -> Result<(), Error> {
        if cart.store() == Some(offer.store) && actor.store.is_none() {
            return Ok(());
        }
        self.check_reach(actor, cart.realm, offer).await
    }

    /// Passes when what `offer` sells comes from the store of `actor`, or from a store of the `realm` they are in.
    pub async fn check_reach(&self, actor: &Actor, realm: RealmId, offer: &Offer) -> Result<(), Error> {
        let reached = match actor.store {
            Some(store) => store == offer.store,
            None => self.stores.get(offer.store).await?.realm == realm.to_string(),
        };
        if reached { Ok(()) } else { Err(Error::ProductNotFound) }
    }
}
