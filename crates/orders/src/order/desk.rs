//! The RPCs of what staff do with an order (OR-2).
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    ids::{OrderId, RealmId},
    permission::Permission,
};
use proto::orders::v1::{self as pb, order_desk_service_server::OrderDeskService};
use tonic::{Request, Response, Status as Grpc};

use super::{
    Doer, News, Order,
    cancel::{cancel, left},
    edit::{Edit, edit_order},
    fulfil::{Fulfil, fulfil},
    mark_paid::{MarkPaid, mark_paid},
    store::hold_for,
    view::{self, Sight},
    words,
};
use crate::{error::Error, invoice::Payer, refund::Finisher};

/// Answers [`OrderDeskService`].
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// Gives money back.
    pub finisher: Finisher,
}

impl Desk {
    /// The order `id` that the sender of `call` is to change; held.
    async fn hold(&self, tx: &mut Tx, call: &Call, id: OrderId) -> Result<(Order, Doer, DateTime<Utc>), Error> {
        let actor = call.actor()?;
        let order = hold_for(tx, actor, id).await?;
        call.check_version(order.version)?;
        Ok((order, Doer::of(actor), self.finisher.clock.now()))
    }

    /// Voids a payment that is underway at the order `id`, which `actor` is about to mark as paid or to call off.
    async fn stop_payments(&self, actor: &Actor, id: OrderId) -> Result<(), Error> {
        if !actor.is_staff() {
            return Ok(()); // refused in a moment
        }
        let order = super::store::find(self.db.pool(), actor.realm()?, id).await?;
        let own = |order: &Order| order.is_placed() && actor.store.is_none_or(|store| store == order.store);
        let Some(order) = order.filter(own) else { return Ok(()) };
        let Finisher { db, clock, gateways } = self.finisher.clone();
        Payer { db, clock, gateways }.stop_all(order.realm, order.id, &actor.label()).await
    }

    /// The order as it is now.
    async fn look(&self, realm: RealmId, id: OrderId, sight: Sight) -> Result<pb::Order, Error> {
        let mut db = self.db.pool().acquire().await?;
        let order = super::store::find(&mut *db, realm, id).await?.ok_or(Error::OrderNotFound)?;
        let shown = view::show_one(&mut db, order, sight).await?;
        db.finish();
        Ok(shown)
    }
}

/// Stores the order as the answer, commits, and answers it.
async fn answer(mut tx: Tx, actor: &Actor, order: Order) -> Result<Response<pb::Order>, Error> {
    let sight = Sight::of(actor, &order);
    let shown = view::show_one(&mut tx, order, sight).await?;
    Ok(tx.answer(shown).await?)
}

#[tonic::async_trait]
impl OrderDeskService for Desk {
    async fn edit_order(&self, request: Request<pb::EditOrderRequest>) -> Result<Response<pb::Order>, Grpc> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::OrdersWrite)?;
        let (id, edit) = Edit::parse(request.into_inner())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let actor = call.actor()?;
        hold_for(&mut tx, actor, id).await?;
        call.expected_version().ok_or(Error::VersionRequired)?;
        let (mut order, doer, now) = self.hold(&mut tx, &call, id).await?;
        let fields = edit_order(&mut tx, &mut order, edit, (&doer, now)).await?;
        let entry = Entry::new("order.edited", ("order", order.id), now).about(order.customer);
        audit::record(&mut tx, &call, entry.created(json!({ "fields": fields })))?;
        Ok(answer(tx, actor, order).await?)
    }

    async fn cancel_order(&self, request: Request<pb::CancelOrderRequest>) -> Result<Response<pb::Order>, Grpc> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let request = request.into_inner();
        let id = request.id.parse().map_err(|_| Error::OrderNotFound)?;
        let mut faults = Vec::new();
        let reason = words::needed("/reason", &request.reason, &mut faults);
        if !faults.is_empty() {
            return Err(kit::Error::Invalid(faults).into());
        }
        let mut before = self.db.begin(&call).await?;
        if let Some(answer) = before.replayed()? {
            return Ok(answer);
        }
        let (order, ..) = self.hold(&mut before, &call, id).await?;
        if order.standing.after(News::Cancelled).is_none() {
            return Err(Error::OrderNotOpen.into());
        }
        if left(&mut before, &order).await? > 0 {
            actor.require(Permission::OrdersRefund)?;
        }
        before.rollback().await?;
        self.stop_payments(actor, id).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (mut order, doer, now) = self.hold(&mut tx, &call, id).await?;
        if left(&mut tx, &order).await? > 0 {
            actor.require(Permission::OrdersRefund)?;
        }
        let by = (&doer, &self.finisher.clock);
        let refunds = cancel(&mut tx, &mut order, (&reason, request.notify), by).await?;
        let refunded = (!refunds.is_empty()).then(|| refunds.iter().map(|refund| refund.amount.amount).sum::<i64>());
        let entry = Entry::new("order.cancelled", ("order", order.id), now).about(order.customer).because(reason);
        audit::record(&mut tx, &call, entry.created(json!({ "refunded": refunded })))?;
        let (realm, sight) = (order.realm, Sight::of(actor, &order));
        let cancelled = answer(tx, actor, order).await?;
        if refunds.is_empty() {
            return Ok(cancelled);
        }
        for refund in &refunds {
            self.finisher.finish_for(refund).await;
        }
        // It is cancelled: from here on nothing is an error, which would say that nothing happened.
        Ok(self.look(realm, id, sight).await.map_or_else(
            |error| {
                tracing::warn!(error.detail = ?error, order.id = %id, "how a cancelled order stands is not known");
                cancelled
            },
            Response::new,
        ))
    }

    async fn mark_order_paid(&self, request: Request<pb::MarkOrderPaidRequest>) -> Result<Response<pb::Order>, Grpc> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let (id, paid) = MarkPaid::parse(&request.into_inner(), &call.client().ip)?;
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired.into());
        }
        let mut before = self.db.begin(&call).await?;
        if let Some(answer) = before.replayed()? {
            return Ok(answer);
        }
        self.hold(&mut before, &call, id).await?;
        before.rollback().await?;
        self.stop_payments(actor, id).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (mut order, doer, now) = self.hold(&mut tx, &call, id).await?;
        let method = paid.manual.method.slug();
        let entry = mark_paid(&mut tx, &mut order, paid, (&doer, now)).await?;
        let after = json!({ "transaction": entry.id.to_string(), "method": method });
        let entry = Entry::new("order.marked_paid", ("order", order.id), now).about(order.customer);
        audit::record(&mut tx, &call, entry.created(after))?;
        Ok(answer(tx, actor, order).await?)
    }

    async fn fulfil_order(&self, request: Request<pb::FulfilOrderRequest>) -> Result<Response<pb::Order>, Grpc> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersWrite)?;
        let (id, wanted) = Fulfil::parse(&request.into_inner())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (mut order, doer, now) = self.hold(&mut tx, &call, id).await?;
        let shipment = fulfil(&mut tx, &mut order, wanted, (&doer, now)).await?;
        let after = json!({ "shipment": shipment.id.to_string(), "status": order.standing.fulfilment.slug() });
        let entry = Entry::new("order.fulfilled", ("order", order.id), now).about(order.customer);
        audit::record(&mut tx, &call, entry.created(after))?;
        Ok(answer(tx, actor, order).await?)
    }
}
