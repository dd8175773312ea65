//! The RPCs of wishes: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db,
    actor::Actor,
    clock::Clock,
    ids::{CustomerId, ProductId, StoreId},
    permission::Permission,
    transport::Transport,
};
use proto::{
    carts::v1::{self as pb, wish_service_server::WishService},
    customers::v1::{GetCustomerRequest, customer_service_client::CustomerServiceClient},
};
use tonic::{Request, Response, Status};

use super::{Wish, add::add_wish, remove::remove_wish, store};
use crate::{Error, catalog::Catalog};

/// The server of wish RPCs.
pub struct Wishes {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) catalog: Catalog,
    pub(crate) customers: CustomerServiceClient<Transport>,
}

fn product(id: &str) -> Result<ProductId, Error> {
    id.parse().map_err(|_| Error::ProductNotFound)
}

impl Wishes {
    /// Whose list is asked for: one's own, or that of a customer whom the caller knows.
    async fn whose(&self, call: &Call, id: String) -> Result<CustomerId, Error> {
        let actor = call.actor()?;
        if !actor.is_staff() {
            let own = actor.require_customer()?;
            return if id.is_empty() || id == String::from(own) { Ok(own) } else { Err(Error::CustomerNotFound) };
        }
        actor.require(Permission::CustomersRead)?;
        let known = self.customers.clone().get_customer(call.forward(GetCustomerRequest { id })).await?;
        known.into_inner().id.parse().map_err(|_| Error::CustomerNotFound)
    }

    async fn told(&self, call: &Call, wishes: Vec<Wish>) -> Result<Vec<pb::Wish>, Error> {
        let offers = self.catalog.products(call, wishes.iter().map(|wish| wish.product)).await?;
        Ok(wishes.into_iter().map(|wish| wish.told(&offers)).collect())
    }
}

/// Only of one's own store, where the caller has one and is not the customer, who has one list for all.
fn store_of(actor: &Actor) -> Option<StoreId> {
    if actor.is_staff() { actor.store } else { None }
}

#[tonic::async_trait]
impl WishService for Wishes {
    async fn add_wish(&self, request: Request<pb::AddWishRequest>) -> Result<Response<pb::Wish>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (customer, realm) = (actor.require_customer()?, actor.realm().map_err(Error::from)?);
        let product = product(&request.get_ref().product)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let offers = self.catalog.products(&call, std::iter::once(product)).await?;
        let offer = offers.buyable(product)?;
        self.catalog.check_reach(actor, realm, offer).await?;
        let wish = Wish {
            realm,
            customer,
            product,
            store: offer.store,
            name: offer.label.name.clone(),
            image_url: offer.label.image_url.clone(),
            wished_at: self.clock.now(),
            bought_at: None,
            order: None,
        };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let wish = add_wish(&mut tx, wish).await?;
        Ok(tx.answer(wish.told(&offers)).await?)
    }

    async fn remove_wish(&self, request: Request<pb::RemoveWishRequest>) -> Result<Response<pb::Wish>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (customer, realm) = (actor.require_customer()?, actor.realm().map_err(Error::from)?);
        let product = request.get_ref().product.parse().map_err(|_| Error::WishNotFound)?;
        let offers = self.catalog.products(&call, std::iter::once(product)).await?;
        let mut tx = self.db.begin_own().await?;
        let wish = remove_wish(&mut tx, (realm, customer), product, self.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(wish.told(&offers)))
    }

    async fn list_wishes(
        &self,
        request: Request<pb::ListWishesRequest>,
    ) -> Result<Response<pb::ListWishesResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let realm = actor.realm().map_err(Error::from)?;
        let customer = self.whose(&call, request.into_inner().customer).await?;
        let wishes = store::of_customer(self.db.pool(), (realm, customer), store_of(actor)).await?;
        Ok(Response::new(pb::ListWishesResponse { wishes: self.told(&call, wishes).await? }))
    }
}
