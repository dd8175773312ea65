//! All SQL about carts that nobody touches.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Tx,
    ids::{CartId, CustomerId, MessageId, RealmId, StoreId},
    pool::Pool,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Idle;
use crate::Error;

/// A reminder to send.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reminder {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    #[sqlx(rename = "id")]
    pub(crate) cart: CartId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: StoreId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    #[sqlx(rename = "recovery_id")]
    pub(crate) message: MessageId,
    pub(crate) abandoned_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether the cart is as it was left.
    pub(crate) still: bool,
}

/// Up to `limit` open carts that are due at `now`, locked; others at work are not waited for.
pub async fn due(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Idle>, Error> {
    let due =
        "select c.realm_id, c.id, c.store_id, c.customer_id, c.version, c.updated_at, c.expires_at, c.abandoned_at,
                 c.recovery_id is not null as reminded,
                 exists (select from cart_lines l where l.realm_id = c.realm_id and l.cart_id = c.id) as filled
               from carts c where c.status = 'open' and coalesce(c.look_at, c.created_at) <= $1
               order by coalesce(c.look_at, c.created_at) limit $2 for update of c skip locked";
    Ok(sqlx::query_as(due).bind(now).bind(limit).fetch_all(db).await?)
}

/// Notes when carts are looked at next.
pub async fn wait(tx: &mut Tx, waiting: &[(&Idle, DateTime<Utc>)]) -> Result<(), Error> {
    if waiting.is_empty() {
        return Ok(());
    }
    let wait = "update carts c set look_at = w.at from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
                  as w (realm_id, id, at) where c.realm_id = w.realm_id and c.id = w.id";
    let (realms, ids) = keys(waiting.iter().map(|(cart, _)| *cart));
    let times: Vec<_> = waiting.iter().map(|(_, at)| *at).collect();
    sqlx::query(wait).bind(realms).bind(ids).bind(times).execute(&mut **tx).await?;
    Ok(())
}

/// Marks carts as abandoned, with the messages that remind their owners from `now` on.
pub async fn abandon(
    tx: &mut Tx,
    left: &[(&Idle, DateTime<Utc>, Option<MessageId>)],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if left.is_empty() {
        return Ok(());
    }
    let abandon = "update carts c set abandoned_at = a.at, look_at = c.expires_at,
                     recovery_id = coalesce(a.message, c.recovery_id),
                     recover_at = case when a.message is null then c.recover_at else $5 end
                   from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[]) as a (realm_id, id, at, message)
                   where c.realm_id = a.realm_id and c.id = a.id";
    let (realms, ids) = keys(left.iter().map(|(cart, ..)| *cart));
    let times: Vec<_> = left.iter().map(|(_, at, _)| *at).collect();
    let messages: Vec<_> = left.iter().map(|(.., message)| message.map(MessageId::uuid)).collect();
    let abandon = sqlx::query(abandon).bind(realms).bind(ids).bind(times).bind(messages).bind(now);
    abandon.execute(&mut **tx).await?;
    Ok(())
}

/// Marks carts as expired.
pub async fn expire(tx: &mut Tx, over: &[&Idle]) -> Result<(), Error> {
    if over.is_empty() {
        return Ok(());
    }
    let expire = "update carts c set status = 'expired', version = c.version + 1, recover_at = null
                  from unnest($1::uuid[], $2::uuid[]) as e (realm_id, id) where c.realm_id = e.realm_id and c.id = e.id";
    let (realms, ids) = keys(over.iter().copied());
    sqlx::query(expire).bind(realms).bind(ids).execute(&mut **tx).await?;
    Ok(())
}

fn keys<'a>(carts: impl Iterator<Item = &'a Idle>) -> (Vec<Uuid>, Vec<Uuid>) {
    carts.map(|cart| (cart.realm.uuid(), cart.id.uuid())).unzip()
}

/// Takes up to `limit` reminders that are due at `now`, and keeps others off them for the time of `lease`.
pub async fn take(pool: &Pool, now: DateTime<Utc>, (lease, limit): (TimeDelta, i64)) -> Result<Vec<Reminder>, Error> {
    let take = "update carts c set recover_at = $1 + $2
                from (select realm_id, id from carts where recover_at <= $1
                      order by recover_at limit $3 for update skip locked) as due
                where c.realm_id = due.realm_id and c.id = due.id
                returning c.realm_id, c.id, c.store_id, c.customer_id, c.recovery_id, c.abandoned_at, c.expires_at,
                  c.status = 'open' and c.expires_at > $1 and c.abandoned_at > c.updated_at as still";
    Ok(sqlx::query_as(take).bind(now).bind(lease).bind(limit).fetch_all(pool).await?)
}

/// Notes that there is nothing more to do about a reminder.
pub async fn done(pool: &Pool, reminder: &Reminder) -> Result<(), Error> {
    let done = "update carts set recover_at = null where realm_id = $1 and id = $2 and recovery_id = $3";
    sqlx::query(done).bind(reminder.realm).bind(reminder.cart).bind(reminder.message).execute(pool).await?;
    Ok(())
}
