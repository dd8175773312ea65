//! Compares carts with the orders they became, both ways (CA-2): the cart of a placed order is closed, and a closed
//! cart has its order. Tells who has open carts, for those who count them. For services of the house only.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Tx,
    clock::Clock,
    ids::{CartId, OrderId, RealmId},
    outbox,
    reconcile::{self, Place},
};
use proto::{base::v1 as pb, carts::v1::reconciliation_service_server::ReconciliationService, orders::v1::OrderPlaced};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};

use crate::{Error, close::close_carts, consumer, holder};

/// Full name of the event that closes carts.
const PLACED: &str = "patron.orders.v1.OrderPlaced";

/// Full name of the event that tells who has a cart.
const HELD: &str = "patron.carts.v1.CartHolderChanged";

/// Answers [`ReconciliationService`].
#[derive(Clone)]
pub struct Reconciliation {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

#[tonic::async_trait]
impl ReconciliationService for Reconciliation {
    async fn list_facts(
        &self,
        request: Request<pb::ListFactsRequest>,
    ) -> Result<Response<pb::ListFactsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        told(&request.event)?;
        let after: Place = request.after.parse().map_err(Error::from)?;
        let until = reconcile::until(request.until.as_ref()).map_err(Error::from)?;
        let limit = reconcile::limit(request.limit).map_err(Error::from)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let carts = holder::page(&mut db, after, (until, limit)).await?;
        db.finish();
        let last = carts.last().map(|held| Place { realm_id: held.realm.uuid(), id: held.cart.uuid() });
        let next = reconcile::next(carts.len(), limit, last);
        let facts = carts.iter().map(|held| reconcile::fact(&held.changed())).collect();
        Ok(Response::new(pb::ListFactsResponse { facts, next }))
    }

    async fn check_claims(
        &self,
        request: Request<pb::CheckClaimsRequest>,
    ) -> Result<Response<pb::CheckClaimsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        told(&request.get_ref().event)?;
        let claims = reconcile::Claims::parse(&request.get_ref().claims).map_err(Error::from)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let unfounded = holder::unfounded(&mut db, &claims).await?;
        db.finish();
        Ok(Response::new(pb::CheckClaimsResponse { unfounded }))
    }

    async fn compare_facts(
        &self,
        request: Request<pb::CompareFactsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        known(&request.event)?;
        let orders = reconcile::events(&request.facts).map_err(Error::from)?;
        let mut tx = self.db.begin_own().await?;
        let discrepancies = compare(&mut tx, &orders, request.repair).await?;
        tx.commit().await?;
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
        let discrepancies = withdraw(&mut tx, request.get_ref(), self.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }
}

fn told(event: &str) -> Result<(), Error> {
    if event == HELD { Ok(()) } else { Err(reconcile::unknown_event().into()) }
}

fn known(event: &str) -> Result<(), Error> {
    if event == PLACED { Ok(()) } else { Err(reconcile::unknown_event().into()) }
}

/// Which orders' carts are not closed by them. An unknown cart cannot be put right.
async fn compare(tx: &mut Tx, orders: &[OrderPlaced], repair: bool) -> Result<Vec<pb::Discrepancy>, Error> {
    let column = |id: fn(&OrderPlaced) -> &str| orders.iter().map(|order| reconcile::uuid(id(order))).collect();
    let realms: Result<Vec<_>, _> = column(|order| &order.realm);
    let carts: Result<Vec<_>, _> = column(|order| &order.cart);
    let ids: Result<Vec<_>, _> = column(|order| &order.order);
    let found: Vec<(i64, String)> = sqlx::query_as(
        "select f.place, case when c.id is null then 'unknown_cart' when c.status = 'closed' then 'wrong_cart_order'
           else 'open_cart' end
         from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as f (realm_id, cart_id, order_id, place)
         left join carts c on c.realm_id = f.realm_id and c.id = f.cart_id
         where f.cart_id is not null and c.order_id is distinct from f.order_id order by f.place",
    )
    .bind(realms?)
    .bind(carts?)
    .bind(ids?)
    .fetch_all(&mut **tx)
    .await?;
    let mut all = Vec::with_capacity(found.len());
    for (place, kind) in found {
        let Some(order) = usize::try_from(place - 1).ok().and_then(|place| orders.get(place)) else { continue };
        let repaired = repair && put_right(tx, order, &kind).await?;
        all.push(reconcile::discrepancy(&kind, &*order.cart, place, repaired));
    }
    Ok(all)
}

async fn put_right(tx: &mut Tx, order: &OrderPlaced, kind: &str) -> Result<bool, Error> {
    let closing = consumer::closing(order).ok_or_else(|| consumer::malformed(order))?;
    match kind {
        "open_cart" => {
            if !close_carts(tx, std::slice::from_ref(&closing)).await?.is_empty() {
                outbox::publish(tx, &closing.closed());
            }
        }
        "wrong_cart_order" => {
            sqlx::query("update carts set order_id = $3 where realm_id = $1 and id = $2 and status = 'closed'")
                .bind(closing.realm)
                .bind(closing.cart)
                .bind(closing.order)
                .execute(&mut **tx)
                .await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A page of closed carts with the orders that they name.
async fn claims(db: &mut PgConnection, request: &pb::ListClaimsRequest) -> Result<pb::ListClaimsResponse, Error> {
    let (after, limit): (Place, _) = (request.after.parse()?, reconcile::limit(request.limit)?);
    let carts: Vec<(RealmId, CartId, OrderId)> = sqlx::query_as(
        "select realm_id, id, order_id from carts where (realm_id, id) > ($1, $2) and status = 'closed'
         order by realm_id, id limit $3",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let last = carts.last().map(|(realm, cart, _)| Place { realm_id: realm.uuid(), id: cart.uuid() });
    let next = reconcile::next(carts.len(), limit, last);
    let claim = |(realm, cart, order): (RealmId, CartId, OrderId)| pb::Claim {
        realm: realm.into(),
        id: order.into(),
        customer: String::new(),
        about: cart.into(),
    };
    Ok(pb::ListClaimsResponse { claims: carts.into_iter().map(claim).collect(), next })
}

/// Carts that are closed although there is no such order; they are expired, so that nothing more is bought with them.
async fn withdraw(
    tx: &mut Tx,
    request: &pb::WithdrawClaimsRequest,
    now: DateTime<Utc>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let claims = reconcile::Claims::parse(&request.claims)?;
    let found: Vec<(i64, CartId)> = sqlx::query_as(
        "select f.place, c.id from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality
           as f (realm_id, order_id, cart_id, place)
         join carts c on c.realm_id = f.realm_id and c.id = f.cart_id and c.order_id = f.order_id
         order by c.realm_id, c.id for update of c",
    )
    .bind(&claims.realms)
    .bind(&claims.ids)
    .bind(&claims.abouts)
    .fetch_all(&mut **tx)
    .await?;
    if request.repair {
        sqlx::query(
            "update carts c set status = 'expired', order_id = null, version = c.version + 1, updated_at = $3,
               expires_at = least(c.expires_at, $3)
             from unnest($1::uuid[], $2::uuid[]) as f (realm_id, id) where c.realm_id = f.realm_id and c.id = f.id
               and c.id = any($4)",
        )
        .bind(&claims.realms)
        .bind(&claims.abouts)
        .bind(now)
        .bind(found.iter().map(|(_, cart)| cart.uuid()).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    }
    let stray = |(place, cart)| reconcile::discrepancy("closed_cart_without_order", cart, place, request.repair);
    Ok(found.into_iter().map(stray).collect())
}
