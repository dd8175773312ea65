//! What customers itself knows of accounts, with its SQL. Guests have none.
use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, RealmId};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};

use super::spam::Signs;
use crate::Error;

/// What customers knows of an account.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Facts {
    /// Whose.
    pub id: CustomerId,
    /// The name.
    pub name: String,
    /// The canonical e-mail address.
    pub email: String,
    /// The network address; may be empty.
    pub ip: String,
    /// When it was made.
    pub registered_at: DateTime<Utc>,
    /// When somebody was there last.
    pub last_activity_at: DateTime<Utc>,
    /// Whether there is an order.
    pub has_orders: bool,
    /// Whether there is a ticket, a review, a consent or a saved address.
    pub has_used: bool,
    /// Accounts from the same network within an hour.
    pub neighbours: i64,
    /// Accounts of the same series of e-mail addresses within a day.
    pub series: i64,
}

impl Facts {
    /// What is looked at for spam.
    #[must_use]
    pub fn signs(&self, blocked: bool) -> Signs {
        let (name, email) = (self.name.clone(), self.email.clone());
        Signs { name, email, neighbours: self.neighbours, series: self.series, blocked }
    }
}

/// Selects facts; neighbours are counted no further than a rule asks.
const SELECT: &str = "select c.id, c.name, c.email_canonical as email, c.ip, c.registered_at, c.last_activity_at,
       c.orders_count > 0 or exists (
         select from customer_orders o where o.realm_id = $1 and o.customer_id = c.id) as has_orders,
       c.reviews_count > 0 or c.consents @? '$.* ? (@ == true)' or exists (
         select from tickets t where t.realm_id = $1 and t.customer_id = c.id) or exists (
         select from customer_addresses a where a.realm_id = $1 and a.customer_id = c.id) as has_used,
       (select count(*) from (select from registrations o
          where r.network <> '' and o.network <> '' and o.realm_id = $1 and o.network = r.network
            and o.at between r.at - interval '30 minutes' and r.at + interval '30 minutes' limit 50) n) as neighbours,
       (select count(*) from (select from registrations o
          where r.series <> '' and o.series <> '' and o.realm_id = $1 and o.series = r.series
            and o.at between r.at - interval '12 hours' and r.at + interval '12 hours' limit 50) n) as series
     from customers c left join registrations r on r.realm_id = $1 and r.customer_id = c.id
     where c.realm_id = $1 and c.registration = 'registered' and c.registered_at is not null";

/// The next accounts behind `place`, in the order of their ids.
pub async fn next(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (place, most): (CustomerId, i64),
) -> Result<Vec<Facts>, Error> {
    let next = sqlx::query_as(AssertSqlSafe(format!("{SELECT} and c.id > $2 order by c.id limit $3")));
    Ok(next.bind(realm).bind(place).bind(most).fetch_all(db).await?)
}

/// Those of `ids` that are accounts.
pub async fn of(db: impl PgExecutor<'_>, realm: RealmId, ids: &[CustomerId]) -> Result<Vec<Facts>, Error> {
    let of = sqlx::query_as(AssertSqlSafe(format!("{SELECT} and c.id = any($2)")));
    Ok(of.bind(realm).bind(ids).fetch_all(db).await?)
}

/// One account, whose record is locked until the transaction ends; none for a guest, or for who was merged or erased.
pub async fn lock(db: &mut PgConnection, realm: RealmId, id: CustomerId) -> Result<Option<Facts>, Error> {
    let lock = sqlx::query("select from customers where realm_id = $1 and id = $2 for update");
    lock.bind(realm).bind(id).execute(&mut *db).await?;
    Ok(of(db, realm, &[id]).await?.pop())
}

/// How many accounts there are.
pub async fn count(db: impl PgExecutor<'_>, realm: RealmId) -> Result<i64, Error> {
    let count = "select count(*) from customers where realm_id = $1 and registration = 'registered'";
    Ok(sqlx::query_scalar(count).bind(realm).fetch_one(db).await?)
}
