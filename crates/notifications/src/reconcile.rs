//! Compares the confirmations with the orders they confirm, both ways (NO-1). For services of the house only.
use std::sync::Arc;

use kit::{
    Call, Db, Tx,
    clock::Clock,
    ids::{CustomerId, MessageId, OrderId, RealmId},
    reconcile::{self, Place},
};
use proto::{
    base::v1 as pb, notifications::v1::reconciliation_service_server::ReconciliationService, orders::v1::OrderPlaced,
};
use sqlx::PgConnection;
use tokio::sync::Notify;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{confirm::confirmation, error::Error, message::Status as Stage, store, template::Template};

/// Full name of the event that asks for a confirmation.
const PLACED: &str = "patron.orders.v1.OrderPlaced";

/// Answers [`ReconciliationService`].
#[derive(Clone)]
pub struct Reconciliation {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Wakes the delivery.
    pub queued: Arc<Notify>,
}

#[tonic::async_trait]
impl ReconciliationService for Reconciliation {
    async fn compare_facts(
        &self,
        request: Request<pb::CompareFactsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        known(&request.event)?;
        let orders = reconcile::events(&request.facts).map_err(Error::from)?;
        let mut tx = self.db.begin_own().await?;
        let discrepancies = compare(&mut tx, &orders, request.repair.then_some(&self.clock)).await?;
        tx.commit().await?;
        self.queued.notify_one();
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }

    async fn list_claims(
        &self,
        request: Request<pb::ListClaimsRequest>,
    ) -> Result<Response<pb::ListClaimsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        known(&request.get_ref().event)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let claims = claims(&mut db, request.get_ref()).await?;
        db.finish();
        Ok(Response::new(claims))
    }

    async fn withdraw_claims(
        &self,
        request: Request<pb::WithdrawClaimsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        known(&request.get_ref().event)?;
        let mut tx = self.db.begin_own().await?;
        let discrepancies = withdraw(&mut tx, request.get_ref()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }
}

fn known(event: &str) -> Result<(), Error> {
    if event == PLACED { Ok(()) } else { Err(reconcile::unknown_event().into()) }
}

/// Which orders have no confirmation; with a clock to repair by, they are queued.
async fn compare(tx: &mut Tx, orders: &[OrderPlaced], repair: Option<&Clock>) -> Result<Vec<pb::Discrepancy>, Error> {
    let realms: Result<Vec<_>, _> = orders.iter().map(|order| reconcile::required(&order.realm)).collect();
    let customers = orders.iter().map(|order| order.customer.parse().ok().map(CustomerId::uuid));
    // Of somebody who was erased nothing is confirmed any more.
    let missing: Vec<i64> = sqlx::query_scalar(
        "select f.place
         from unnest($1::uuid[], $2::text[], $4::uuid[]) with ordinality as f (realm_id, reference, customer_id, place)
         where not exists (select from messages m
           where m.realm_id = f.realm_id and m.template = $3 and m.reference = f.reference)
           and not exists (select from erasures e where e.realm_id = f.realm_id and e.customer_id = f.customer_id)
         order by f.place",
    )
    .bind(realms?)
    .bind(orders.iter().map(|order| &*order.order).collect::<Vec<_>>())
    .bind(Template::OrderConfirmation)
    .bind(customers.collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await?;
    let (mut all, mut unknown) = (Vec::with_capacity(missing.len()), Vec::new());
    for place in missing {
        let Some(order) = usize::try_from(place - 1).ok().and_then(|place| orders.get(place)) else { continue };
        if let Some(clock) = repair {
            unknown.push(confirmation(order, clock)?);
        }
        all.push(reconcile::discrepancy("missing_confirmation", &*order.order, place, repair.is_some()));
    }
    store::queue_all(tx, &unknown).await?;
    Ok(all)
}

/// A page of confirmations with the orders that they name.
async fn claims(db: &mut PgConnection, request: &pb::ListClaimsRequest) -> Result<pb::ListClaimsResponse, Error> {
    type Row = (RealmId, MessageId, Option<CustomerId>, String);
    let (after, limit): (Place, _) = (request.after.parse()?, reconcile::limit(request.limit)?);
    let rows: Vec<Row> = sqlx::query_as(
        "select realm_id, id, customer_id, reference from messages
         where (realm_id, id) > ($1, $2) and template = $3 and reference is not null order by realm_id, id limit $4",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(Template::OrderConfirmation)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let last = rows.last().map(|(realm, id, ..)| Place { realm_id: realm.uuid(), id: id.uuid() });
    let next = reconcile::next(rows.len(), limit, last);
    let claim = |(realm, _, customer, order): Row| pb::Claim {
        realm: realm.into(),
        id: order,
        customer: customer.map(String::from).unwrap_or_default(),
        about: String::new(),
    };
    Ok(pb::ListClaimsResponse { claims: rows.into_iter().map(claim).collect(), next })
}

/// Confirmations of orders that there are not. One that waits is dropped; one that was sent cannot be called back, and
/// stays in the log.
async fn withdraw(tx: &mut Tx, request: &pb::WithdrawClaimsRequest) -> Result<Vec<pb::Discrepancy>, Error> {
    let claims = reconcile::Claims::parse(&request.claims)?;
    let reference = |id: &Option<Uuid>| id.map(|id| OrderId::from_uuid(id).to_string());
    let found: Vec<(i64, RealmId, MessageId, Stage)> = sqlx::query_as(
        "select f.place, m.realm_id, m.id, m.status
         from unnest($1::uuid[], $2::text[]) with ordinality as f (realm_id, reference, place)
         join messages m on m.realm_id = f.realm_id and m.template = $3 and m.reference = f.reference
         order by m.realm_id, m.id for update of m",
    )
    .bind(&claims.realms)
    .bind(claims.ids.iter().map(reference).collect::<Vec<_>>())
    .bind(Template::OrderConfirmation)
    .fetch_all(&mut **tx)
    .await?;
    let waits = |stage: &Stage| request.repair && *stage == Stage::Queued;
    let dropped: (Vec<Uuid>, Vec<Uuid>) = found
        .iter()
        .filter(|(.., stage)| waits(stage))
        .map(|(_, realm, message, _)| (realm.uuid(), message.uuid()))
        .unzip();
    let drop = "delete from messages m using unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
         where m.realm_id = f.realm_id and m.id = f.id";
    sqlx::query(drop).bind(dropped.0).bind(dropped.1).execute(&mut **tx).await?;
    let stray = |(place, _, message, stage): (_, _, MessageId, Stage)| {
        reconcile::discrepancy("stray_confirmation", message, place, waits(&stage))
    };
    Ok(found.into_iter().map(stray).collect())
}
