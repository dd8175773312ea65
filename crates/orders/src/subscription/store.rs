//! All SQL of subscriptions, but for their list. Leases run by the clock that all processes share.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Tx,
    clock::Clock,
    ids::{CustomerId, OrderId, RealmId, SubscriptionId},
    pool::Pool,
};
use sqlx::{PgExecutor, types::Json};
use uuid::Uuid;

use super::Subscription;
use crate::{
    error::Error,
    order::{Contact, Doer, Order},
    payment::Gateway,
};

/// How long a subscription belongs to whoever took it over: longer than it takes to begin a charge.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Adds a subscription, unless its line has one. Whether it was added.
pub async fn insert(tx: &mut Tx, new: &Subscription) -> Result<bool, Error> {
    let sql = sqlx::query(
        "insert into subscriptions (realm_id, id, store_id, customer_id, order_id, line_id, product_id, sku, name, kind,
           package, quantity, currency, terms, gateway, method, state, anchor_at, zone, turn, cycle, starts_at, renews_at,
           trial_ends_at, noticed, failures, reason, version, look_at, created_at, updated_at, tax_rate, tax_included,
           attribution)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
           $24, false, 0, '', $25, $26, $27, $28, $29, $30, $31)
         on conflict on constraint subscriptions_line do nothing",
    );
    let (item, course) = (&new.item, &new.course);
    let sql = sql.bind(new.realm).bind(new.id).bind(new.store).bind(new.customer).bind(new.order).bind(new.line);
    let sql = sql.bind(item.product).bind(&item.sku).bind(&item.name).bind(&item.kind).bind(&item.package);
    let sql = sql.bind(i64::from(item.quantity)).bind(new.currency.code()).bind(Json(&new.terms));
    let sql = sql.bind(new.gateway).bind(&new.method).bind(new.state).bind(course.calendar.anchor);
    let sql = sql.bind(course.calendar.zone.name()).bind(i64::from(course.turn)).bind(i64::from(course.cycle));
    let sql = sql.bind(course.starts_at).bind(course.renews_at).bind(course.trial_ends_at).bind(new.version);
    let sql = sql.bind(new.look_at()).bind(new.created_at).bind(new.updated_at);
    let sql = sql.bind(item.tax_rate.rate.cast_signed()).bind(item.tax_rate.included).bind(Json(&new.attribution));
    Ok(sql.execute(&mut **tx).await?.rows_affected() == 1)
}

/// A subscription of one of these realms.
pub async fn find_within(
    db: impl PgExecutor<'_>,
    realms: &[Uuid],
    id: SubscriptionId,
) -> Result<Option<Subscription>, Error> {
    let found = sqlx::query_as("select * from subscriptions where realm_id = any($1) and id = $2");
    Ok(found.bind(realms).bind(id).fetch_optional(db).await?)
}

/// A subscription of any realm: for services only.
pub async fn find_anywhere(db: impl PgExecutor<'_>, id: SubscriptionId) -> Result<Option<Subscription>, Error> {
    Ok(sqlx::query_as("select * from subscriptions where id = $1").bind(id).fetch_optional(db).await?)
}

/// A subscription, held until the transaction ends.
pub async fn hold(tx: &mut Tx, realm: RealmId, id: SubscriptionId) -> Result<Option<Subscription>, Error> {
    let held = sqlx::query_as("select * from subscriptions where realm_id = $1 and id = $2 for update");
    Ok(held.bind(realm).bind(id).fetch_optional(&mut **tx).await?)
}

/// A subscription of one of these realms, held.
pub async fn hold_within(tx: &mut Tx, realms: &[Uuid], id: SubscriptionId) -> Result<Option<Subscription>, Error> {
    let held = sqlx::query_as("select * from subscriptions where realm_id = any($1) and id = $2 for update");
    Ok(held.bind(realms).bind(id).fetch_optional(&mut **tx).await?)
}

/// Those that `order` began, held.
pub async fn hold_of_order(tx: &mut Tx, realm: RealmId, order: OrderId) -> Result<Vec<Subscription>, Error> {
    let held =
        sqlx::query_as("select * from subscriptions where realm_id = $1 and order_id = $2 order by id for update");
    Ok(held.bind(realm).bind(order).fetch_all(&mut **tx).await?)
}

/// Those of a customer, held.
pub async fn hold_of_customer(
    tx: &mut Tx,
    (realm, customer): (RealmId, CustomerId),
) -> Result<Vec<Subscription>, Error> {
    let held =
        sqlx::query_as("select * from subscriptions where realm_id = $1 and customer_id = $2 order by id for update");
    Ok(held.bind(realm).bind(customer).fetch_all(&mut **tx).await?)
}

/// Writes whatever may change of a subscription that is held.
pub async fn save(tx: &mut Tx, held: &Subscription) -> Result<(), Error> {
    let sql = sqlx::query(
        "update subscriptions set terms = $3, next_terms = $4, target = $5, method = $6, state = $7, anchor_at = $8,
           turn = $9, cycle = $10, starts_at = $11, renews_at = $12, noticed = $13, failures = $14, retry_at = $15,
           charging_id = $16, draft_id = $17, reason = $18, cancelled_at = $19, ended_at = $20, version = $21,
           look_at = $22, updated_at = $23, attempt_at = $24
         where realm_id = $1 and id = $2",
    );
    let course = &held.course;
    let sql = sql.bind(held.realm).bind(held.id).bind(Json(&held.terms)).bind(held.next.as_ref().map(Json));
    let sql = sql.bind(held.target.as_ref().map(Json)).bind(&held.method).bind(held.state);
    let sql = sql.bind(course.calendar.anchor).bind(i64::from(course.turn)).bind(i64::from(course.cycle));
    let sql = sql.bind(course.starts_at).bind(course.renews_at).bind(course.noticed);
    let sql = sql.bind(i64::from(course.failures)).bind(course.retry_at).bind(course.charging).bind(course.draft);
    let sql = sql.bind(&held.reason).bind(held.cancelled_at).bind(held.ended_at).bind(held.version);
    sql.bind(held.look_at()).bind(held.updated_at).bind(course.attempt_at).execute(&mut **tx).await?;
    Ok(())
}

/// Adds to the history of a subscription that is held.
pub async fn record(
    tx: &mut Tx,
    held: &Subscription,
    kind: &str,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    sqlx::query(
        "insert into subscription_history
           (realm_id, subscription_id, position, kind, status, actor, impersonator, at)
         select $1, $2, coalesce(max(position), 0) + 1, $3, $4, $5, $6, $7
         from subscription_history where realm_id = $1 and subscription_id = $2",
    )
    .bind(held.realm)
    .bind(held.id)
    .bind(kind)
    .bind(held.state.slug())
    .bind(&doer.actor)
    .bind(&doer.impersonator)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes over at most `most` subscriptions with which something is to be done, each for one lease, so that no two processes
/// do the same.
pub async fn take_over(pool: &Pool, clock: &Clock, most: i64) -> Result<Vec<Subscription>, Error> {
    let due = sqlx::query_as(
        "update subscriptions s set look_at = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, id from subscriptions where look_at <= coalesce($1, statement_timestamp())
               order by look_at limit $3 for update skip locked) as due
         where s.realm_id = due.realm_id and s.id = due.id returning s.*",
    );
    Ok(due.bind(clock.shared()).bind(LEASE).bind(most).fetch_all(pool).await?)
}

/// Who the order that a subscription began with is for, as it stands now.
pub async fn contact(tx: &mut Tx, held: &Subscription) -> Result<Contact, Error> {
    let contact = sqlx::query_scalar("select contact from orders where realm_id = $1 and id = $2");
    let contact: Json<Contact> = contact.bind(held.realm).bind(held.order).fetch_one(&mut **tx).await?;
    Ok(contact.0)
}

/// The order of the last renewal, as long as it is an invoice that waits to be paid.
pub async fn unpaid(db: impl PgExecutor<'_>, held: &Subscription) -> Result<Option<OrderId>, Error> {
    if held.gateway != Gateway::Manual {
        return Ok(None);
    }
    let unpaid = sqlx::query_scalar(
        "select id from orders where realm_id = $1 and subscription_id = $2 and subscription_cycle = $3
           and gateway = 'manual' and status in ('placed', 'completed') and payment_status in ('pending', 'failed')
           and total > 0",
    );
    let (id, cycle) = (held.id, i64::from(held.course.cycle));
    Ok(unpaid.bind(held.realm).bind(id).bind(cycle).fetch_optional(db).await?)
}

/// Whether the customer of `order` was erased.
pub async fn is_gone(tx: &mut Tx, order: &Order) -> Result<bool, Error> {
    let gone = sqlx::query_scalar("select exists (select from erasures where realm_id = $1 and customer_id = $2)");
    Ok(gone.bind(order.realm).bind(order.customer).fetch_one(&mut **tx).await?)
}

/// Notes which renewal of `held` the new `order` is. There is one for each.
pub async fn claim_cycle(tx: &mut Tx, held: &Subscription, order: OrderId) -> Result<(), Error> {
    sqlx::query("update orders set subscription_id = $3, subscription_cycle = $4 where realm_id = $1 and id = $2")
        .bind(held.realm)
        .bind(order)
        .bind(held.id)
        .bind(i64::from(held.course.cycle) + 1)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
