//! The RPCs of links by which invoices are paid, and of paying one's own.
use kit::{
    Call, Db, Error as Kit,
    actor::Kind,
    clock::Clock,
    failure::Violation,
    ids::{OrderId, RealmId},
    permission::Permission,
    transport::Transport,
};
use proto::{
    identity::v1::shopper_service_client::ShopperServiceClient,
    orders::v1::{self as pb, payment_link_service_server::PaymentLinkService},
};
use tonic::{Request, Response, Status};

use super::{
    PaymentLink,
    create::{create_link, draw_up},
    payment_link::hash,
    post::Post,
    revoke::revoke_link,
    show::show,
    store,
};
use crate::{
    error::Error,
    gateway_setting::change::require_open,
    invoice::{self, Bill, Payer, pay::Means},
    order::{
        self, Order,
        store::{find, find_anywhere, find_for, hold_for},
    },
    payment::{Gateway, back},
    subscription::reach::Reach,
};

/// Answers [`PaymentLinkService`].
#[derive(Clone)]
pub struct PaymentLinks {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Takes the money.
    pub payer: Payer,
    /// Sends links.
    pub post: Post,
    /// Whom a portal session is of.
    pub shoppers: ShopperServiceClient<Transport>,
}

fn id(order: &str) -> Result<OrderId, Error> {
    order.parse().map_err(|_| Error::OrderNotFound)
}

/// By which gateway and method somebody wants to pay; not by another invoice.
fn means(call: &Call, gateway: &str, (method, back): (String, String)) -> Result<Means, Error> {
    let known = Gateway::parse(gateway).filter(|gateway| *gateway != Gateway::Manual);
    let unknown = || Violation::new("/gateway", "unknown", "an order is paid by stripe or test");
    let gateway = known.ok_or_else(unknown).map_err(Kit::from)?;
    if !gateway.takes(&method) {
        return Err(Error::PaymentMethodUnknown(gateway.slug()));
    }
    back::check(&back)?;
    Ok(Means { gateway, method, back, actor: call.actor()?.label(), ip: call.client().ip.clone() })
}

impl PaymentLinks {
    /// The link with this secret that leads somewhere, or whose order is paid.
    async fn follow(&self, secret: &str) -> Result<PaymentLink, Error> {
        let link = store::find_by_token(self.db.pool(), hash(secret)).await?.ok_or(Error::LinkNotFound)?;
        if link.revoked_at.is_some() {
            return Err(Error::LinkNotFound);
        }
        if link.is_open(self.clock.now()) { Ok(link) } else { Err(Error::LinkExpired) }
    }

    async fn pay(&self, call: &Call, order: (RealmId, OrderId), means: Means) -> Result<Response<pb::Bill>, Error> {
        if let Some(answer) = self.db.replayed(call).await? {
            return Ok(answer);
        }
        let bill = self.payer.bill(order.0, order.1).await?;
        require_open(self.db.pool(), bill.order.store, means.gateway).await?;
        let shown = show(&self.db, &self.payer.gateways, self.payer.pay(order, &means).await?).await?;
        if shown.status == "pending" {
            return Ok(Response::new(shown));
        }
        match self.db.begin(call).await {
            Ok(tx) if tx.replayed::<pb::Bill>()?.is_none() => Ok(tx.answer(shown).await?),
            Ok(_) | Err(Kit::IdempotencyInFlight | Kit::IdempotencyMismatch) => Ok(Response::new(shown)),
            Err(error) => Err(error.into()),
        }
    }

    /// The caller's own order `id`.
    async fn own(&self, call: &Call, id: OrderId) -> Result<Order, Error> {
        let actor = call.actor()?;
        if !matches!(actor.kind, Kind::Customer | Kind::Shopper) {
            return Err(kit::denied::Denied::WrongCaller.into());
        }
        actor.require_self()?;
        let reach = Reach::of(&self.shoppers, (call, Permission::OrdersRead)).await?;
        let order = find_anywhere(self.db.pool(), id).await?.filter(Order::is_placed);
        let holds = |order: &Order| reach.scopes.iter().any(|scope| scope.realm == order.realm && scope.holds(order));
        order.filter(holds).ok_or(Error::OrderNotFound)
    }
}

#[tonic::async_trait]
impl PaymentLinkService for PaymentLinks {
    async fn create_payment_link(
        &self,
        request: Request<pb::CreatePaymentLinkRequest>,
    ) -> Result<Response<pb::PaymentLink>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let wanted = request.into_inner();
        let id = id(&wanted.order)?;
        // The key is held until it is sent: of two requests at once one makes a link, and of one that fails nothing stays.
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        // The order is not held: whoever pays meanwhile does not wait for a mail, and the link says what is due by then.
        let order = find_for(&mut tx, actor, id).await?;
        call.check_version(order.version)?;
        if wanted.send && order.contact.email.is_empty() {
            return Err(Error::ContactMissing.into());
        }
        let bill = invoice::store::bill(&mut tx, order).await?;
        let (link, secret) = draw_up(&mut *tx, actor, (&bill, &wanted), now).await?;
        if link.sent {
            self.post.send(&call, (&link, &secret), &bill.order).await?;
        }
        // After that: what is added beside an order keeps others from holding it.
        create_link(&mut tx, &call, (&link, &bill.order), now).await?;
        let url = self.post.address(&secret);
        Ok(tx.answer(pb::PaymentLink { url, ..link.encode(bill.stand(), now) }).await?)
    }

    async fn list_payment_links(
        &self,
        request: Request<pb::ListPaymentLinksRequest>,
    ) -> Result<Response<pb::ListPaymentLinksResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        if !actor.is_staff() {
            return Err(Error::from(kit::denied::Denied::WrongCaller).into());
        }
        let (scope, id) = (order::grpc::scope(actor)?, id(&request.get_ref().order)?);
        let order = find(self.db.pool(), scope.realm, id).await?;
        let order = order.filter(|order| order.is_placed() && scope.holds(order)).ok_or(Error::OrderNotFound)?;
        let bill: Bill = self.payer.bill(order.realm, order.id).await?;
        let links = store::of_order(self.db.pool(), (order.realm, order.id)).await?;
        let links = links.into_iter().map(|link| link.encode(bill.stand(), now)).collect();
        Ok(Response::new(pb::ListPaymentLinksResponse { links }))
    }

    async fn revoke_payment_link(
        &self,
        request: Request<pb::RevokePaymentLinkRequest>,
    ) -> Result<Response<pb::PaymentLink>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let pb::RevokePaymentLinkRequest { order, id: link } = request.get_ref();
        let (order, link) = (id(order)?, link.parse().map_err(|_| Error::LinkNotFound)?);
        let mut tx = self.db.begin_own().await?;
        let order = hold_for(&mut tx, actor, order).await?;
        let link = revoke_link(&mut tx, &call, (&order, link), now).await?;
        let bill = invoice::store::bill(&mut tx, order).await?;
        tx.commit().await?;
        Ok(Response::new(link.encode(bill.stand(), now)))
    }

    async fn open_payment_link(
        &self,
        request: Request<pb::OpenPaymentLinkRequest>,
    ) -> Result<Response<pb::Bill>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let link = self.follow(&request.get_ref().secret).await?;
        let bill = self.payer.look(link.realm, link.order).await?;
        Ok(Response::new(show(&self.db, &self.payer.gateways, bill).await?))
    }

    async fn pay_by_link(&self, request: Request<pb::PayByLinkRequest>) -> Result<Response<pb::Bill>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let pb::PayByLinkRequest { secret, gateway, payment_method, return_url } = request.into_inner();
        let means = means(&call, &gateway, (payment_method, return_url))?;
        let link = self.follow(&secret).await?;
        let means = Means { actor: format!("link {}", link.id), ..means };
        Ok(Box::pin(self.pay(&call, (link.realm, link.order), means)).await?)
    }

    async fn pay_order(&self, request: Request<pb::PayOrderRequest>) -> Result<Response<pb::Bill>, Status> {
        let call = Call::of(&request)?;
        let pb::PayOrderRequest { id: order, gateway, payment_method, return_url } = request.into_inner();
        let order = self.own(&call, id(&order)?).await?;
        let means = means(&call, &gateway, (payment_method, return_url))?;
        Ok(Box::pin(self.pay(&call, (order.realm, order.id), means)).await?)
    }
}
