//! All SQL of the log of deliveries.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::Clock,
    ids::{HookDeliveryId, HookEventId, RealmId, WebhookId},
    page::{COUNT_CAP, Page},
};
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use super::{
    HookDelivery,
    hook_delivery::{Attempt, State},
    list::Filter,
};
use crate::error::Error;

const COLUMNS: &str = "d.webhook_id, d.id, d.event_id, d.name, d.state, d.attempts, d.next_attempt_at, d.created_at,
    d.settled_at, d.status, d.error";

/// A page of deliveries, in reading direction. What a store may not know is not among them.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    page: &Page,
    from: Option<(DateTime<Utc>, HookDeliveryId)>,
) -> Result<Vec<HookDelivery>, Error> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from hook_deliveries d"));
    push_filter(&mut query, filter);
    let (side, order) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some((at, id)) = from {
        query.push(format!(" and (d.created_at, d.id) {side} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(format!(" order by d.created_at {order}, d.id {order} limit ")).push_bind(page.fetch());
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// How many there are, up to one more than is counted.
pub async fn count(db: impl PgExecutor<'_>, filter: &Filter) -> Result<i64, Error> {
    let mut query = QueryBuilder::new("select count(*) from (select 1 from hook_deliveries d");
    push_filter(&mut query, filter);
    query.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    Ok(query.build_query_scalar().fetch_one(db).await?)
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &Filter) {
    query.push(" where d.unproved is null and d.webhook_id = ").push_bind(filter.webhook);
    if let Some(state) = filter.state {
        query.push(" and d.state = ").push_bind(state);
    }
    if let Some(event) = &filter.event {
        query.push(" and d.name = ").push_bind(event.clone());
    }
    if let Some(since) = filter.since {
        query.push(" and d.created_at >= ").push_bind(since);
    }
    if let Some(until) = filter.until {
        query.push(" and d.created_at < ").push_bind(until);
    }
}

/// A delivery to `webhook`, with what is sent.
pub async fn find(
    db: impl PgExecutor<'_>,
    webhook: WebhookId,
    id: HookDeliveryId,
) -> Result<(HookDelivery, String), Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        delivery: HookDelivery,
        body: String,
    }
    let find = format!(
        "select {COLUMNS}, e.body from hook_deliveries d join hook_events e on e.id = d.event_id
         where d.webhook_id = $1 and d.id = $2 and d.unproved is null"
    );
    let found: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(find)).bind(webhook).bind(id).fetch_optional(db).await?;
    found.map(|row| (row.delivery, row.body)).ok_or(Error::DeliveryNotFound)
}

/// The attempts of a delivery, oldest first, the newest hundred.
pub async fn attempts(db: impl PgExecutor<'_>, webhook: WebhookId, id: HookDeliveryId) -> Result<Vec<Attempt>, Error> {
    let attempts = "select at, status, ms, error from (
                      select id, at, status, ms, error from hook_attempts
                      where webhook_id = $1 and delivery_id = $2 order by id desc limit 100) as newest
                    order by id";
    Ok(sqlx::query_as(attempts).bind(webhook).bind(id).fetch_all(db).await?)
}

/// Queues an event for one webhook.
pub async fn insert(
    tx: &mut Tx,
    (realm, webhook): (RealmId, WebhookId),
    (event, name, body): (HookEventId, &str, &str),
    clock: &Clock,
) -> Result<HookDeliveryId, Error> {
    let now = clock.now();
    let event_row = "insert into hook_events (id, realm_id, name, body, created_at) values ($1, $2, $3, $4, $5)";
    sqlx::query(event_row).bind(event).bind(realm).bind(name).bind(body).bind(now).execute(&mut **tx).await?;
    let id = HookDeliveryId::new(now);
    sqlx::query(
        "insert into hook_deliveries (webhook_id, id, event_id, name, state, next_attempt_at, created_at)
         values ($1, $2, $3, $4, 'pending', coalesce($5, statement_timestamp()), $6)",
    )
    .bind(webhook)
    .bind(id)
    .bind(event)
    .bind(name)
    .bind(clock.shared())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Has deliveries sent again at once, from the first attempt on. One that is on its way is left to it.
pub async fn again(tx: &mut Tx, webhook: WebhookId, ids: &[HookDeliveryId], clock: &Clock) -> Result<u64, Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let again = sqlx::query(
        "update hook_deliveries set state = 'pending', attempts = 0, settled_at = null,
           next_attempt_at = coalesce($3, statement_timestamp())
         where webhook_id = $1 and id = any($2) and state <> 'pending'",
    );
    Ok(again.bind(webhook).bind(ids).bind(clock.shared()).execute(&mut **tx).await?.rows_affected())
}

/// Has one that waits for its next attempt sent at once.
pub async fn hurry(tx: &mut Tx, webhook: WebhookId, id: HookDeliveryId, clock: &Clock) -> Result<(), Error> {
    let hurry = "update hook_deliveries set next_attempt_at = coalesce($3, statement_timestamp())
                 where webhook_id = $1 and id = $2 and state = 'pending' and error is not null
                   and next_attempt_at > coalesce($3, statement_timestamp()) + interval '1 minute'";
    sqlx::query(hurry).bind(webhook).bind(id).bind(clock.shared()).execute(&mut **tx).await?;
    Ok(())
}

/// The oldest `limit` deliveries that failed since a moment.
pub async fn failed_since(
    tx: &mut Tx,
    webhook: WebhookId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<HookDeliveryId>, Error> {
    let failed = sqlx::query_scalar(
        "select id from hook_deliveries where webhook_id = $1 and state = $2 and created_at >= $3 and unproved is null
         order by created_at, id limit $4",
    );
    Ok(failed.bind(webhook).bind(State::Failed).bind(since).bind(limit).fetch_all(&mut **tx).await?)
}
