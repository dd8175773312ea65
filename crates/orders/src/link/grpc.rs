//! The RPCs of links.
use kit::{
    Call, Db, Error as Kit,
    actor::{Actor, Kind},
    clock::Clock,
    denied::Denied,
    ids::OrderId,
    permission::Permission,
};
use proto::orders::v1::{self as pb, order_link_service_server::OrderLinkService};
use tonic::{Request, Response, Status};

use super::{Link, create::create_link, link::hash, revoke::revoke_link, store, view::public};
use crate::{
    error::Error,
    order::{
        self, Order,
        store::{find, hold_for},
        view::{self, Sight},
    },
};

/// Answers [`OrderLinkService`].
#[derive(Clone)]
pub struct Links {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// The address that links name.
    pub public: String,
}

/// Whether `actor` asks for whoever stands in front of the store of `order`.
fn serves(actor: &Actor, order: &Order) -> Result<bool, Denied> {
    if actor.is_system() {
        return Ok(true);
    }
    if !matches!(actor.kind, Kind::Anonymous | Kind::Customer) {
        return Err(Denied::WrongCaller);
    }
    Ok(actor.realm()? == order.realm && actor.store.is_none_or(|store| store == order.store))
}

fn id(order: &str) -> Result<OrderId, Error> {
    order.parse().map_err(|_| Error::OrderNotFound)
}

#[tonic::async_trait]
impl OrderLinkService for Links {
    async fn create_order_link(
        &self,
        request: Request<pb::CreateOrderLinkRequest>,
    ) -> Result<Response<pb::OrderLink>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let id = id(&request.get_ref().order)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let order = hold_for(&mut tx, actor, id).await?;
        call.check_version(order.version)?;
        let (link, secret) = create_link(&mut tx, &call, &order, self.clock.now()).await?;
        let url = format!("{}/order/{secret}", self.public);
        Ok(tx.answer(pb::OrderLink { secret, url, ..link.encode() }).await?)
    }

    async fn list_order_links(
        &self,
        request: Request<pb::ListOrderLinksRequest>,
    ) -> Result<Response<pb::ListOrderLinksResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        if !actor.is_staff() {
            return Err(Error::from(Denied::WrongCaller).into());
        }
        let (scope, id) = (order::grpc::scope(actor)?, id(&request.get_ref().order)?);
        let order = find(self.db.pool(), scope.realm, id).await?;
        let order = order.filter(|order| scope.holds(order)).ok_or(Error::OrderNotFound)?;
        let links = store::of_order(self.db.pool(), order.realm, order.id).await?;
        Ok(Response::new(pb::ListOrderLinksResponse { links: links.into_iter().map(Link::encode).collect() }))
    }

    async fn revoke_order_link(
        &self,
        request: Request<pb::RevokeOrderLinkRequest>,
    ) -> Result<Response<pb::OrderLink>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let pb::RevokeOrderLinkRequest { order, id: link } = request.get_ref();
        let (order, link) = (id(order)?, link.parse().map_err(|_| Error::LinkNotFound)?);
        let mut tx = self.db.begin_own().await?;
        let order = hold_for(&mut tx, actor, order).await?;
        let link = revoke_link(&mut tx, &call, (&order, link), self.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(link.encode()))
    }

    async fn view_order(&self, request: Request<pb::ViewOrderRequest>) -> Result<Response<pb::PublicOrder>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let mut db = self.db.pool().acquire().await.map_err(Kit::from)?;
        let link = store::find_open(&mut *db, hash(&request.get_ref().secret)).await?.ok_or(Error::LinkNotFound)?;
        let order = find(&mut *db, link.realm, link.order).await?.ok_or(Error::LinkNotFound)?;
        if !serves(actor, &order)? {
            return Err(Error::LinkNotFound.into());
        }
        let shown = view::show_one(&mut db, order, Sight { clear: false, staff: false }).await?;
        db.finish();
        Ok(Response::new(public(shown)))
    }
}
