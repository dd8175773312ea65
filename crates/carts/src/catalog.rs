//! Asks the catalog what products cost now.
use std::collections::{HashMap, HashSet};

use futures_util::{future::try_join_all, try_join};
use kit::{
    Call,
    actor::Actor,
    ids::{ProductId, RealmId, StoreId},
    stores::Stores,
    transport::Transport,
};
use proto::catalog::v1::{BatchGetProductsRequest, Product, product_service_client::ProductServiceClient};

use crate::{
    Error,
    cart::Cart,
    code::Code,
    offer::{Offer, Offers},
    promotions::Promotions,
    tariff::Tariffs,
};

/// How many products the catalog tells about at once.
const BATCH: usize = 200;

/// The catalog, as carts sees it.
#[derive(Clone)]
pub struct Catalog {
    products: ProductServiceClient<Transport>,
    promotions: Promotions,
    tariffs: Tariffs,
    stores: Stores,
}

/// What a change brings into a cart that the catalog has to be asked about.
#[derive(Clone, Copy, Debug)]
pub enum Added<'a> {
    /// Nothing.
    Nothing,
    /// A product.
    Product(ProductId),
    /// A code.
    Code(&'a Code),
}

impl Catalog {
    /// By this way; `stores` tell which realm a seller belongs to.
    #[must_use]
    pub fn new(catalog: Transport, stores: Stores) -> Self {
        let promotions = Promotions::new(catalog.clone());
        let tariffs = Tariffs::new(catalog.clone(), stores.clone());
        Self { products: ProductServiceClient::new(catalog), promotions, tariffs, stores }
    }

    /// What `carts` are made of and what is taken off them, with what is `added` to them.
    pub async fn offers(&self, call: &Call, carts: &[&Cart], added: Added<'_>) -> Result<Offers, Error> {
        let product = if let Added::Product(product) = added { Some(product) } else { None };
        let products = carts.iter().flat_map(|cart| cart.products()).chain(product);
        let mut stores: HashMap<StoreId, Vec<Code>> = HashMap::new();
        for (cart, store) in carts.iter().filter_map(|cart| Some((cart, cart.buying_from()?))) {
            let codes = stores.entry(store).or_default();
            codes.extend(cart.codes.iter().cloned());
            codes.extend(if let Added::Code(code) = added { Some(code.clone()) } else { None });
        }
        let (products, mut reductions) = try_join!(self.found(call, products), self.promotions.of_all(call, stores))?;
        // The first line of a network's cart says where it buys.
        let seller = product.and_then(|product| products.get(&product)).map(|offer: &Offer| offer.store);
        if let Some(seller) = seller.filter(|seller| !reductions.contains_key(seller)) {
            reductions.insert(seller, self.promotions.offers(call, seller).await?);
        }
        let versions = products.values().map(|offer| (offer.store, offer.tariff)).collect();
        let tariffs = self.tariffs.of_all(call, versions).await?;
        Ok(Offers::new(products, reductions).taxed(tariffs))
    }

    /// The offers of single `products`, without what is taken off them.
    pub async fn products(&self, call: &Call, products: impl Iterator<Item = ProductId>) -> Result<Offers, Error> {
        Ok(Offers::new(self.found(call, products).await?, HashMap::new()))
    }

    async fn found(
        &self,
        call: &Call,
        products: impl Iterator<Item = ProductId>,
    ) -> Result<HashMap<ProductId, Offer>, Error> {
        let asked: HashSet<ProductId> = products.collect();
        let ids: Vec<String> = asked.iter().copied().map(String::from).collect();
        let batches = ids.chunks(BATCH).map(|ids| self.batch(call, ids.to_vec()));
        let mut found = HashMap::with_capacity(asked.len());
        for product in try_join_all(batches).await?.into_iter().flatten() {
            if let Ok(id) = product.id.parse() {
                found.insert(id, Offer::try_from(product)?);
            }
        }
        Ok(found)
    }

    async fn batch(&self, call: &Call, ids: Vec<String>) -> Result<Vec<Product>, Error> {
        let request = call.trace(BatchGetProductsRequest { ids, ..BatchGetProductsRequest::default() });
        Ok(self.products.clone().batch_get_products(request).await?.into_inner().products)
    }

    /// The product that `store` sells under this SKU.
    pub async fn with_sku(&self, call: &Call, store: StoreId, sku: String) -> Result<ProductId, Error> {
        let asked = BatchGetProductsRequest { ids: Vec::new(), skus: vec![sku], store: store.into() };
        let found = self.products.clone().batch_get_products(call.trace(asked)).await?.into_inner().products;
        found.first().and_then(|product| product.id.parse().ok()).ok_or(Error::ProductNotFound)
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
