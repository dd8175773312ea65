//! Products that somebody bought, last bought first, by keyset.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    clock::timestamp,
    failure::Violation,
    ids::{CustomerId, OrderId, ProductId, RealmId, StoreId},
    page::{COUNT_CAP, Page},
};
use proto::orders::v1 as pb;
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use crate::error::Error;

/// Whose purchases, as far as the caller sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The customer base.
    pub realm: RealmId,
    /// Only from this store, unless the caller works for a whole network.
    pub store: Option<StoreId>,
    /// Who bought.
    pub customer: CustomerId,
}

/// A product with its purchases added up.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    product_id: ProductId,
    store_id: StoreId,
    sku: String,
    name: String,
    kind: String,
    quantity: i64,
    refunded: i64,
    orders: i64,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    last_order: OrderId,
}

impl Whose {
    /// The lines that count: of a cancelled order nothing was bought.
    fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(
            " from orders o join order_lines l on l.realm_id = o.realm_id and l.order_id = o.id
              where o.placed_at is not null and o.status <> 'cancelled' and o.realm_id = ",
        );
        sql.push_bind(self.realm).push(" and o.customer_id = ");
        push_kept(sql, self.realm, self.customer);
        if let Some(store) = self.store {
            sql.push(" and o.store_id = ").push_bind(store);
        }
    }
}

impl Row {
    /// Where it stands in the list.
    #[must_use]
    pub fn key(&self) -> Vec<String> {
        vec![self.last_at.to_rfc3339(), self.product_id.to_string()]
    }
}

impl From<Row> for pb::Purchase {
    fn from(row: Row) -> Self {
        let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            product: row.product_id.into(),
            store: row.store_id.into(),
            sku: row.sku,
            name: row.name,
            kind: row.kind,
            quantity: count(row.quantity),
            refunded: count(row.refunded),
            orders: count(row.orders),
            first_at: Some(timestamp(row.first_at)),
            last_at: Some(timestamp(row.last_at)),
            last_order: row.last_order.into(),
        }
    }
}

/// The rows of a page in reading direction, one more than it shows when there are more.
pub async fn page(db: impl PgExecutor<'_>, whose: &Whose, page: &Page) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new(
        "with lines as (select l.*, o.store_id, o.placed_at, row_number() over (
           partition by l.product_id order by o.placed_at desc, o.id desc, l.position desc) as age",
    );
    whose.write(&mut sql);
    sql.push(
        "), sums as (select product_id, sum(quantity)::bigint as quantity, sum(refunded)::bigint as refunded,
           count(distinct order_id) as orders, min(placed_at) as first_at, max(placed_at) as last_at
         from lines group by product_id)
         select s.*, n.store_id, n.sku, n.name, n.kind, n.order_id as last_order
         from sums s join lines n on n.product_id = s.product_id and n.age = 1",
    );
    let (side, direction) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some(cursor) = &page.cursor {
        let (at, product) = place(&cursor.key)?;
        sql.push(format_args!(" where (s.last_at, s.product_id) {side} ("));
        sql.push_bind(at).push(", ").push_bind(product).push(")");
    }
    sql.push(format_args!(" order by s.last_at {direction}, s.product_id {direction} limit ")).push_bind(page.fetch());
    Ok(sql.build_query_as().fetch_all(db).await?)
}

/// How many products there are, up to the cap.
pub async fn count(db: impl PgExecutor<'_>, whose: &Whose) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select distinct l.product_id");
    whose.write(&mut sql);
    sql.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    Ok(sql.build_query_scalar().fetch_one(db).await?)
}

/// The row a cursor names. Cursors are signed, so anything else is a defect of ours; the caller may start over.
fn place(key: &[String]) -> Result<(DateTime<Utc>, ProductId), Violation> {
    let read = |key: &[String]| {
        let [at, product] = key else { return None };
        Some((DateTime::parse_from_rfc3339(at).ok()?.to_utc(), product.parse().ok()?))
    };
    read(key).ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not valid for this list"))
}
