//! The ledger as a list, newest first, by keyset (OR-4).
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    clock::timestamp,
    failure::Violation,
    ids::{CustomerId, OrderId, StoreId, TransactionId},
    money::{self, Money},
    page::{COUNT_CAP, Page},
};
use proto::orders::v1 as pb;
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use crate::{
    error::Error,
    order::{
        Filter,
        filter::{Column, Fields},
        list::Scope,
    },
};

/// What the list may be filtered by.
pub const FIELDS: Fields = &[
    ("type", Column::Type),
    ("status", Column::EntryStatus),
    ("gateway", Column::Gateway),
    ("amount", Column::Amount),
    ("created_at", Column::CreatedAt),
    ("order", Column::Order),
];

/// Which entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Among these.
    pub scope: Scope,
    /// For which this holds.
    pub filter: Option<Filter>,
}

/// An entry, with what is kept apart from it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    id: TransactionId,
    position: i64,
    order_id: OrderId,
    /// Number of that order.
    pub number: String,
    /// Store of that order.
    pub store_id: StoreId,
    /// Whose order it is about.
    pub customer_id: CustomerId,
    r#type: String,
    status: String,
    amount: i64,
    currency: String,
    gateway: String,
    reference: String,
    description: String,
    ip: String,
    method: String,
    reason: String,
    created_at: DateTime<Utc>,
}

/// What entries of a currency come to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Total {
    currency: String,
    captured: i64,
    refunded: i64,
}

impl Wanted {
    /// Whether it is all that one customer has: everybody's has the same plan, and planning it anew takes longer than reading
    /// it.
    fn is_of_one(&self) -> bool {
        self.scope.customer.is_some() && self.filter.is_none()
    }

    fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        let Scope { realm, store, customer } = self.scope;
        sql.push(" where realm_id = ").push_bind(realm);
        if let Some(store) = store {
            sql.push(" and store_id = ").push_bind(store);
        }
        if let Some(customer) = customer {
            for (word, condition) in [(" and order_id in (", "is not null"), (" union all ", "is null")] {
                sql.push(word).push("select id from orders where realm_id = ").push_bind(realm);
                sql.push(" and customer_id = ");
                push_kept(sql, realm, customer);
                sql.push(" and placed_at ").push(condition);
            }
            sql.push(")");
        }
        if let Some(filter) = &self.filter {
            sql.push(" and ");
            filter.write(sql);
        }
    }
}

/// Sort values of an entry, for its cursor.
#[must_use]
pub fn key(row: &Row) -> Vec<String> {
    vec![row.created_at.to_rfc3339(), row.position.to_string()]
}

/// A page of `wanted`, in reading direction, with one entry more than the page holds when there are more.
pub async fn page(db: impl PgExecutor<'_>, wanted: &Wanted, page: &Page) -> Result<Vec<Row>, Error> {
    let (side, direction) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    let mut sql = QueryBuilder::new(
        "select t.id, t.position, t.order_id, o.number, t.store_id, o.customer_id, t.type, t.status, t.amount, t.currency, t.gateway,
           t.reference, t.description,
           coalesce(m.ip, p.ip, '') as ip, coalesce(m.method, '') as method, coalesce(m.reason, '') as reason,
           t.created_at
         from (select * from transactions",
    );
    wanted.write(&mut sql);
    if let Some(cursor) = &page.cursor {
        let (at, position) = place(&cursor.key)?;
        sql.push(format!(" and (created_at, position) {side} ("))
            .push_bind(at)
            .push(", ")
            .push_bind(position)
            .push(")");
    }
    let order = format!(" order by created_at {direction}, position {direction}");
    sql.push(&order).push(" limit ").push_bind(page.fetch());
    sql.push(
        ") as t join orders o on o.realm_id = t.realm_id and o.id = t.order_id
           left join payments p on p.realm_id = t.realm_id and p.id = t.payment_id
           left join manual_entries m on m.realm_id = t.realm_id and m.transaction_id = t.id",
    );
    sql.push(format!(" order by t.created_at {direction}, t.position {direction}"));
    // Else planned with the values at hand: a rare type and a common one need different indexes.
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
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from transactions");
    wanted.write(&mut sql);
    sql.push(" limit ").push_bind(most).push(") as counted");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
}

/// What all of them come to, by currency: succeeded entries only.
pub async fn sums(db: impl PgExecutor<'_>, wanted: &Wanted) -> Result<Vec<Total>, Error> {
    let mut sql = QueryBuilder::new(
        "select currency, coalesce(sum(amount) filter (where type in ('payment', 'capture')), 0)::bigint as captured,
           coalesce(sum(amount) filter (where type = 'refund'), 0)::bigint as refunded
         from transactions",
    );
    wanted.write(&mut sql);
    sql.push(" and status = 'succeeded' group by currency order by currency");
    Ok(sql.build_query_as().persistent(false).fetch_all(db).await?)
}

impl Row {
    /// As the API shows it.
    pub fn encode(self) -> Result<pb::Transaction, Error> {
        Ok(pb::Transaction {
            id: self.id.into(),
            order: self.order_id.into(),
            r#type: self.r#type,
            status: self.status,
            amount: Some(money(self.amount, &self.currency)?.into()),
            gateway: self.gateway,
            reference: self.reference,
            description: self.description,
            ip: self.ip,
            created_at: Some(timestamp(self.created_at)),
            method: self.method,
            reason: self.reason,
        })
    }
}

impl Total {
    /// As the API shows it.
    pub fn encode(self) -> Result<pb::LedgerSum, Error> {
        let money = |amount| money(amount, &self.currency).map(|money| Some(money.into()));
        Ok(pb::LedgerSum {
            captured: money(self.captured)?,
            refunded: money(self.refunded)?,
            net: money(self.captured - self.refunded)?,
        })
    }
}

fn money(amount: i64, currency: &str) -> Result<Money, Error> {
    let odd = |error| kit::Error::Internal(format!("an entry's currency: {error}"));
    Ok(Money::new(amount, money::currency(currency).map_err(odd)?))
}

/// The row a cursor names. Cursors are signed, so anything else is a defect of ours; the caller may start over.
fn place(key: &[String]) -> Result<(DateTime<Utc>, i64), Violation> {
    let read = |key: &[String]| {
        let [at, position] = key else { return None };
        Some((DateTime::parse_from_rfc3339(at).ok()?.to_utc(), position.parse().ok()?))
    };
    read(key).ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not valid for this list"))
}
