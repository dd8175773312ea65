//! All SQL of the service. Leases and pauses run by the clock that all processes share.
use chrono::{DateTime, TimeDelta, Utc};
use holdings::merged::push_kept;
use kit::{
    clock::Clock,
    ids::{CampaignId, CustomerId, MessageId, RealmId, StoreId},
    page::{COUNT_CAP, Page},
};
use sqlx::{PgConnection, PgExecutor, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

use crate::{
    message::{Channel, Message, Queued, Status, Step},
    template::Template,
};

const COLUMNS: &str = "m.realm_id, m.id, m.store_id, m.customer_id, m.channel, m.template, m.purpose,
    m.campaign_id, m.reference, m.recipient, m.subject, m.content, m.data, m.secrets, m.status, m.failure, m.attempts,
    m.created_at";

/// Which messages a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Customer base.
    pub realm: RealmId,
    /// Only of this store.
    pub store: Option<StoreId>,
    /// Only to this customer.
    pub customer: Option<CustomerId>,
    /// Only of this template.
    pub template: Option<Template>,
    /// Only with this status.
    pub status: Option<Status>,
}

/// Adds a message to the queue; `false` when its id or its reference is there already.
pub async fn queue(db: &mut PgConnection, message: &Queued) -> Result<bool, sqlx::Error> {
    Ok(queue_all(db, std::slice::from_ref(message)).await? == 1)
}

/// Adds messages to the queue whose ids and references are not there yet; how many these are. To somebody who was erased goes
/// only what says itself where it goes: word of what happened before may be heard of after.
pub async fn queue_all(db: &mut PgConnection, messages: &[Queued]) -> Result<u64, sqlx::Error> {
    let added = sqlx::query(
        "with added as (
           insert into messages (realm_id, id, store_id, customer_id, channel, template, reference, recipient, data,
             secrets, status, next_attempt_at, created_at, purpose, campaign_id)
           select realm, id, store, customer, channel, template, reference, recipient, data, secrets, 'queued',
             coalesce(due, statement_timestamp()), now, purpose, campaign
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::jsonb[], $10::bytea[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::uuid[])
             as q (realm, id, store, customer, channel, template, reference, recipient, data, secrets, now, due, purpose,
                   campaign)
           where recipient is not null
             or not exists (select from erasures where realm_id = q.realm and customer_id = q.customer)
           order by realm, template, reference, id
           on conflict do nothing returning realm_id, id, status, created_at)
         insert into message_events (realm_id, message_id, status, at) select * from added",
    );
    let ids = |of: fn(&Queued) -> Uuid| messages.iter().map(of).collect::<Vec<_>>();
    let added = added.bind(ids(|message| message.realm.uuid())).bind(ids(|message| message.id.uuid()));
    let added = added.bind(ids(|message| message.store.uuid()));
    let added = added
        .bind(messages.iter().map(|message| message.customer.map(CustomerId::uuid)).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.channel).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.template).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.reference.as_deref()).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.recipient.as_deref()).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| Json(&message.data)).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.secrets.as_deref()).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.now).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.due).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.purpose).collect::<Vec<_>>())
        .bind(messages.iter().map(|message| message.campaign.map(CampaignId::uuid)).collect::<Vec<_>>());
    Ok(added.execute(&mut *db).await?.rows_affected())
}

/// One message; with `store` only when it is that store's.
pub async fn find(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    store: Option<StoreId>,
    id: MessageId,
) -> Result<Option<Message>, sqlx::Error> {
    let mut query = select();
    query.push(" where m.realm_id = ").push_bind(realm).push(" and m.id = ").push_bind(id);
    if let Some(store) = store {
        query.push(" and m.store_id = ").push_bind(store);
    }
    query.build_query_as().fetch_optional(db).await
}

/// The steps of `messages`, oldest first.
pub async fn steps(db: impl PgExecutor<'_>, realm: RealmId, messages: &[MessageId]) -> Result<Vec<Step>, sqlx::Error> {
    let messages: Vec<_> = messages.iter().map(|id| id.uuid()).collect();
    sqlx::query_as(
        "select message_id, status, at from message_events where realm_id = $1 and message_id = any($2) order by id",
    )
    .bind(realm)
    .bind(messages)
    .fetch_all(db)
    .await
}

/// A page of the log, in reading direction: newest first, or what is newer than a row for a backward page.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    page: &Page,
    from: Option<(DateTime<Utc>, MessageId)>,
) -> Result<Vec<Message>, sqlx::Error> {
    let mut query = select();
    push_filter(&mut query, filter);
    let (side, order) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some((at, id)) = from {
        query.push(format!(" and (m.created_at, m.id) {side} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(format!(" order by m.created_at {order}, m.id {order} limit ")).push_bind(page.fetch());
    query.build_query_as().fetch_all(db).await
}

/// How many there are, up to one more than is counted.
pub async fn count(db: impl PgExecutor<'_>, filter: &Filter) -> Result<i64, sqlx::Error> {
    let mut query = QueryBuilder::new("select count(*) from (select 1 from messages m");
    push_filter(&mut query, filter);
    query.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    query.build_query_scalar().fetch_one(db).await
}

fn select() -> QueryBuilder<Postgres> {
    QueryBuilder::new(format!("select {COLUMNS} from messages m"))
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &Filter) {
    query.push(" where m.realm_id = ").push_bind(filter.realm);
    if let Some(store) = filter.store {
        query.push(" and m.store_id = ").push_bind(store);
    }
    if let Some(customer) = filter.customer {
        query.push(" and m.customer_id = ");
        push_kept(query, filter.realm, customer);
    }
    if let Some(template) = filter.template {
        query.push(" and m.template = ").push_bind(template);
    }
    if let Some(status) = filter.status {
        query.push(" and m.status = ").push_bind(status);
    }
}

/// Takes up to `limit` messages that are due, counts the attempt and keeps others off them for the time of `lease`.
pub async fn claim(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    lease: TimeDelta,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let claim = format!(
        "update messages m set attempts = m.attempts + 1, next_attempt_at = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, id from messages
               where status = 'queued' and next_attempt_at <= coalesce($1, statement_timestamp())
               order by next_attempt_at limit $3 for update skip locked) as due
         where m.realm_id = due.realm_id and m.id = due.id returning {COLUMNS}"
    );
    let claim = sqlx::query_as(sqlx::AssertSqlSafe(claim));
    claim.bind(clock.shared()).bind(lease).bind(limit).fetch_all(db).await
}

/// How a message ended.
pub struct Settled<'a> {
    /// Status from now on.
    pub status: Status,
    /// Why it was given up.
    pub failure: Option<&'static str>,
    /// Where it went.
    pub recipient: &'a str,
    /// As it was sent, secrets masked.
    pub subject: &'a str,
    /// As it was sent, secrets masked.
    pub content: &'a str,
}

/// Ends a queued message and forgets its secrets; `false` when somebody else ended it before.
pub async fn settle(
    db: &mut PgConnection,
    message: &Message,
    settled: &Settled<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query(
        "with ended as (
           update messages set status = $3, failure = $4, recipient = nullif($5, ''), subject = $6, content = $7,
             secrets = null, next_attempt_at = null
           where realm_id = $1 and id = $2 and status = 'queued' returning realm_id, id, status)
         insert into message_events (realm_id, message_id, status, at) select *, $8 from ended",
    );
    let ended = ended.bind(message.realm_id).bind(message.id).bind(settled.status).bind(settled.failure);
    let ended = ended.bind(settled.recipient).bind(settled.subject).bind(settled.content).bind(now);
    Ok(ended.execute(&mut *db).await?.rows_affected() == 1)
}

/// Puts a message back for the time of `pause`, unless somebody else has taken it since.
pub async fn postpone(
    db: impl PgExecutor<'_>,
    message: &Message,
    clock: &Clock,
    pause: TimeDelta,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update messages set next_attempt_at = coalesce($4, statement_timestamp()) + $5
         where realm_id = $1 and id = $2 and attempts = $3 and status = 'queued'",
    )
    .bind(message.realm_id)
    .bind(message.id)
    .bind(message.attempts)
    .bind(clock.shared())
    .bind(pause)
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps when a channel failed last, or that it works.
pub async fn note_health(
    db: impl PgExecutor<'_>,
    channel: Channel,
    failed_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    let note = match failed_at {
        Some(at) => sqlx::query(
            "insert into channels (channel, failed_at) values ($1, $2)
             on conflict on constraint channels_pkey do update set failed_at = excluded.failed_at",
        )
        .bind(channel)
        .bind(at),
        None => sqlx::query("delete from channels where channel = $1").bind(channel),
    };
    note.execute(db).await?;
    Ok(())
}

/// Whether a channel has not failed since `earliest`.
pub async fn works(db: impl PgExecutor<'_>, channel: Channel, earliest: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let works = sqlx::query_scalar("select not exists (select from channels where channel = $1 and failed_at > $2)");
    works.bind(channel).bind(earliest).fetch_one(db).await
}
