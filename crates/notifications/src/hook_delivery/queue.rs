//! The queue: takes what is due, in fair shares. Leases and pauses run by the clock that all processes share.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::Clock,
    ids::{CustomerId, HookDeliveryId, HookEventId, RealmId, WebhookId},
};
use sqlx::PgExecutor;
use uuid::Uuid;

/// How long what is taken is kept from others: longer than proving and sending take.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// What is on its way, with all that is needed for it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "columns of a delivery, its event and its webhook")]
pub struct Due {
    pub webhook_id: WebhookId,
    pub id: HookDeliveryId,
    pub event_id: HookEventId,
    pub attempts: i32,
    pub unproved: Option<CustomerId>,
    pub body: String,
    pub place_id: Uuid,
    pub realm_id: RealmId,
    pub url: String,
    pub secret: Vec<u8>,
    pub former_secret: Option<Vec<u8>>,
    pub former_until: Option<DateTime<Utc>>,
}

/// Which webhooks have their turn, and how much of what waits for them is taken.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    /// Those that fail, or those that work: the former never hold the latter up.
    pub failing: bool,
    /// Deliveries of one webhook.
    pub each: i64,
    /// Deliveries in all.
    pub total: i64,
    /// Webhooks that have enough to do already.
    pub busy: &'a [WebhookId],
}

/// Takes what is due, the longest waiting first, counts the attempt and keeps others off it. It steps from webhook to
/// webhook through the index, so that a long queue of one costs the others nothing.
pub async fn claim(db: impl PgExecutor<'_>, clock: &Clock, share: Share<'_>) -> Result<Vec<Due>, sqlx::Error> {
    let claim = sqlx::query_as(
        "with recursive waiting (webhook_id) as (
           (select webhook_id from hook_deliveries where state = 'pending' order by webhook_id limit 1)
           union all
           select (select d.webhook_id from hook_deliveries d
                   where d.state = 'pending' and d.webhook_id > w.webhook_id order by d.webhook_id limit 1)
           from waiting w where w.webhook_id is not null),
         due as (
           select first.webhook_id, first.id
           from waiting join webhooks w on w.id = waiting.webhook_id
           cross join lateral (
             select d.webhook_id, d.id, d.next_attempt_at from hook_deliveries d
             where d.webhook_id = w.id and d.state = 'pending'
               and d.next_attempt_at <= coalesce($1, statement_timestamp())
             order by d.next_attempt_at limit $3 for update skip locked) as first
           where w.disabled_reason is null and w.deleted_at is null and (w.failing_since is not null) = $5
             and w.id <> all($6)
           order by first.next_attempt_at limit $4)
         update hook_deliveries d
         set attempts = d.attempts + 1, next_attempt_at = coalesce($1, statement_timestamp()) + $2
         from due join webhooks w on w.id = due.webhook_id, hook_events e
         where d.webhook_id = due.webhook_id and d.id = due.id and e.id = d.event_id
         returning d.webhook_id, d.id, d.event_id, d.attempts, d.unproved, e.body, w.place_id, w.realm_id, w.url,
           w.secret, w.former_secret, w.former_until",
    );
    let busy: Vec<_> = share.busy.iter().map(|id| id.uuid()).collect();
    let claim = claim.bind(clock.shared()).bind(LEASE).bind(share.each).bind(share.total).bind(share.failing);
    claim.bind(busy).fetch_all(db).await
}

/// Notes that the store knows the customers of these deliveries.
pub async fn prove(db: impl PgExecutor<'_>, webhook: WebhookId, proved: &[HookDeliveryId]) -> Result<(), sqlx::Error> {
    let ids: Vec<_> = proved.iter().map(|id| id.uuid()).collect();
    let prove = "update hook_deliveries set unproved = null where webhook_id = $1 and id = any($2)";
    sqlx::query(prove).bind(webhook).bind(ids).execute(db).await?;
    Ok(())
}

/// Forgets deliveries that are none of the store's business.
pub async fn drop(db: impl PgExecutor<'_>, webhook: WebhookId, foreign: &[HookDeliveryId]) -> Result<(), sqlx::Error> {
    let ids: Vec<_> = foreign.iter().map(|id| id.uuid()).collect();
    let drop = "delete from hook_deliveries where webhook_id = $1 and id = any($2) and unproved is not null";
    sqlx::query(drop).bind(webhook).bind(ids).execute(db).await?;
    Ok(())
}

/// Deliveries that wait, and for how many seconds the longest of them should have been sent already: of those to webhooks
/// that work, since one that fails has its own pace.
pub async fn depth(db: impl PgExecutor<'_>, clock: &Clock) -> Result<(i64, f64), sqlx::Error> {
    let depth = sqlx::query_as(
        "select count(*), coalesce(greatest(extract(epoch from coalesce($1, statement_timestamp()) - min(next_attempt_at)
           filter (where w.failing_since is null and w.disabled_reason is null and w.deleted_at is null)), 0), 0)::float8
         from hook_deliveries d join webhooks w on w.id = d.webhook_id where d.state = 'pending'",
    );
    depth.bind(clock.shared()).fetch_one(db).await
}
