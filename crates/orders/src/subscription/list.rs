//! Lists of subscriptions, newest first, by keyset.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    failure::Violation,
    ids::SubscriptionId,
    page::{COUNT_CAP, Page},
};
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use super::Subscription;
use crate::{
    error::Error,
    order::{Filter, list::Scope},
};

/// Which of them are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Among any of these.
    pub scopes: Vec<Scope>,
    /// For which this holds.
    pub filter: Option<Filter>,
}

impl Wanted {
    /// Whether it is all that one customer has: everybody's has the same plan, and planning it anew takes longer than reading
    /// it.
    fn is_of_one(&self) -> bool {
        matches!(self.scopes[..], [Scope { customer: Some(_), .. }]) && self.filter.is_none()
    }

    fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" where (");
        for (place, scope) in self.scopes.iter().enumerate() {
            sql.push(if place == 0 { "" } else { " or " });
            write(*scope, sql);
        }
        sql.push(if self.scopes.is_empty() { "false)" } else { ")" });
        if let Some(filter) = &self.filter {
            sql.push(" and ");
            filter.write(sql);
        }
    }
}

fn write(Scope { realm, store, customer }: Scope, sql: &mut QueryBuilder<Postgres>) {
    sql.push("realm_id = ").push_bind(realm);
    if let Some(store) = store {
        sql.push(" and store_id = ").push_bind(store);
    }
    if let Some(customer) = customer {
        sql.push(" and customer_id = ");
        push_kept(sql, realm, customer);
    }
}

/// Sort values of a subscription, for its cursor.
#[must_use]
pub fn key(of: &Subscription) -> Vec<String> {
    vec![of.created_at.to_rfc3339(), of.id.to_string()]
}

/// A page of `wanted`, in reading direction, with one more than the page holds when there are more.
pub async fn page(db: impl PgExecutor<'_>, wanted: &Wanted, page: &Page) -> Result<Vec<Subscription>, Error> {
    let mut sql = QueryBuilder::new("select * from subscriptions");
    wanted.write(&mut sql);
    let (side, direction) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some(cursor) = &page.cursor {
        let (at, id) = place(&cursor.key)?;
        sql.push(format!(" and (created_at, id) {side} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    sql.push(format!(" order by created_at {direction}, id {direction} limit ")).push_bind(page.fetch());
    // Else planned with the values at hand: a rare status and a common product need different indexes.
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
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from subscriptions");
    wanted.write(&mut sql);
    sql.push(" limit ").push_bind(most).push(") as counted");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
}

/// The row a cursor names. Cursors are signed, so anything else is a defect of ours; the caller may start over.
fn place(key: &[String]) -> Result<(DateTime<Utc>, SubscriptionId), Violation> {
    let read = |key: &[String]| {
        let [at, id] = key else { return None };
        Some((DateTime::parse_from_rfc3339(at).ok()?.to_utc(), id.parse().ok()?))
    };
    read(key).ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not valid for this list"))
}
