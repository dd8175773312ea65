//! Lists of placed orders, newest first, by keyset; and by offset for shop fronts that ask so.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    failure::Violation,
    ids::{CustomerId, OrderId, RealmId, StoreId},
    page::{COUNT_CAP, Page},
};
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use super::{Filter, Order, filter};
use crate::error::Error;

/// Whose orders a caller may see at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Always of one customer base.
    pub realm: RealmId,
    /// Only of this store, unless the caller works for a whole network.
    pub store: Option<StoreId>,
    /// Only of this customer.
    pub customer: Option<CustomerId>,
}

/// Which of them are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Among these: shoppers have some in each of their stores.
    pub scopes: Vec<Scope>,
    /// Whose number begins like this.
    pub query: Option<String>,
    /// For which this holds.
    pub filter: Option<Filter>,
}

impl Scope {
    /// Whether `order` is within.
    #[must_use]
    pub fn holds(&self, order: &Order) -> bool {
        self.realm == order.realm
            && self.store.is_none_or(|store| store == order.store)
            && self.customer.is_none_or(|customer| customer == order.customer)
    }

    fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("realm_id = ").push_bind(self.realm);
        if let Some(store) = self.store {
            sql.push(" and store_id = ").push_bind(store);
        }
        if let Some(customer) = self.customer {
            sql.push(" and customer_id = ");
            push_kept(sql, self.realm, customer);
        }
    }
}

impl Wanted {
    /// Whether it is all that one customer has: everybody's has the same plan, and planning it anew takes longer than reading
    /// it.
    fn is_of_one(&self) -> bool {
        let of_one = matches!(self.scopes[..], [Scope { customer: Some(_), .. }]);
        of_one && self.query.is_none() && self.filter.is_none()
    }

    fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" where placed_at is not null and ");
        write_any(&self.scopes, sql);
        if let Some(start) = &self.query {
            sql.push(" and ");
            filter::write_start(start, sql);
        }
        if let Some(filter) = &self.filter {
            sql.push(" and ");
            filter.write(sql);
        }
    }
}

/// That an order is within one of `scopes`.
fn write_any(scopes: &[Scope], sql: &mut QueryBuilder<Postgres>) {
    if let [one] = scopes {
        return one.write(sql);
    }
    sql.push("(false");
    for scope in scopes {
        sql.push(" or (");
        scope.write(sql);
        sql.push(")");
    }
    sql.push(")");
}

/// Sort values of an order, for its cursor.
#[must_use]
pub fn key(order: &Order) -> Vec<String> {
    vec![order.placed_at.unwrap_or(order.created_at).to_rfc3339(), order.id.to_string()]
}

/// A page of `wanted`, in reading direction, with one order more than the page holds when there are more.
pub async fn page(db: impl PgExecutor<'_>, wanted: &Wanted, page: &Page) -> Result<Vec<Order>, Error> {
    let mut sql = QueryBuilder::new("select * from orders");
    wanted.write(&mut sql);
    let (side, direction) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some(cursor) = &page.cursor {
        let (at, id) = place(&cursor.key)?;
        sql.push(format!(" and (placed_at, id) {side} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    sql.push(format!(" order by placed_at {direction}, id {direction} limit ")).push_bind(page.fetch());
    // Else planned with the values at hand: a rare number and a common status need different indexes.
    Ok(sql.build_query_as().persistent(wanted.is_of_one()).fetch_all(db).await?)
}

/// How many there are, up to the cap.
pub async fn count(db: impl PgExecutor<'_>, wanted: &Wanted) -> Result<i64, Error> {
    counted(db, wanted, Some(COUNT_CAP + 1)).await
}

/// How many there are, for what takes its time.
pub async fn count_all(db: impl PgExecutor<'_>, wanted: &Wanted) -> Result<i64, Error> {
    counted(db, wanted, None).await
}

async fn counted(db: impl PgExecutor<'_>, wanted: &Wanted, most: Option<i64>) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from orders");
    wanted.write(&mut sql);
    sql.push(" limit ").push_bind(most).push(") as counted");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
}

/// Rows `offset` onwards of `scope`, with one more than `limit` when there are more.
pub async fn slice(db: impl PgExecutor<'_>, scope: &Scope, limit: u32, offset: u32) -> Result<Vec<Order>, Error> {
    let mut sql = QueryBuilder::new("select * from orders where placed_at is not null and ");
    scope.write(&mut sql);
    sql.push(" order by placed_at desc, id desc limit ").push_bind(i64::from(limit) + 1);
    sql.push(" offset ").push_bind(i64::from(offset));
    Ok(sql.build_query_as().fetch_all(db).await?)
}

/// The row a cursor names. Cursors are signed, so anything else is a defect of ours; the caller may start over.
fn place(key: &[String]) -> Result<(DateTime<Utc>, OrderId), Violation> {
    let read = |key: &[String]| {
        let [at, id] = key else { return None };
        Some((DateTime::parse_from_rfc3339(at).ok()?.to_utc(), id.parse().ok()?))
    };
    read(key).ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not valid for this list"))
}
