//! All SQL about offers and vouchers.
use chrono::{DateTime, Utc};
use kit::{
    Error as KitError, Tx,
    db::on_unique,
    ids::{ProductId, PromotionId, StoreId},
    money,
    page::{COUNT_CAP, Page},
    pool::Pool,
};
use sqlx::{PgExecutor, Postgres, QueryBuilder, postgres::PgArguments, query::Query as Statement};

use super::{Cut, Promotion, Terms, list::Query, promotion::Kind};
use crate::{Error, product::store::escape};

const SELECT: &str = "select store_id, id, name, code, percent, amount, currency, products, min_quantity, minimum, \
                      starts_at, ends_at, active, alone, position, max_uses, max_uses_per_customer, version, \
                      created_at, updated_at from promotions where store_id = ";

#[derive(sqlx::FromRow)]
struct Row {
    store_id: StoreId,
    id: PromotionId,
    name: String,
    code: Option<String>,
    percent: Option<i32>,
    amount: Option<i64>,
    currency: String,
    products: Vec<ProductId>,
    min_quantity: i32,
    minimum: i64,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    active: bool,
    alone: bool,
    position: i32,
    max_uses: Option<i32>,
    max_uses_per_customer: Option<i32>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Promotion {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |what| Error::Kit(KitError::Internal(format!("{} has a broken {what}", row.id)));
        let percent = row.percent.and_then(|percent| u16::try_from(percent).ok()).map(Cut::Percent);
        let cut = percent.or(row.amount.map(Cut::Amount)).ok_or_else(|| broken("cut"))?;
        let currency = money::currency(&row.currency).map_err(|_| broken("currency"))?;
        Ok(Self {
            id: row.id,
            store: row.store_id,
            terms: Terms {
                name: row.name,
                code: row.code,
                cut,
                currency,
                products: row.products,
                min_quantity: row.min_quantity.cast_unsigned(),
                minimum: row.minimum,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                active: row.active,
                alone: row.alone,
                position: row.position,
                max_uses: row.max_uses.map(i32::cast_unsigned),
                max_uses_per_customer: row.max_uses_per_customer.map(i32::cast_unsigned),
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Adds one.
pub async fn insert(db: impl PgExecutor<'_>, promotion: &Promotion) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into promotions (store_id, id, name, code, percent, amount, currency, products, min_quantity, minimum,
           starts_at, ends_at, active, alone, position, max_uses, max_uses_per_customer, version, updated_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    );
    let added = bind(sql, promotion).bind(promotion.created_at).execute(db).await;
    added.map_err(on_unique("promotions_code", || Error::CodeTaken))?;
    Ok(())
}

/// Writes its terms.
pub async fn update(db: impl PgExecutor<'_>, promotion: &Promotion) -> Result<(), Error> {
    let sql = sqlx::query(
        "update promotions set name = $3, code = $4, percent = $5, amount = $6, currency = $7, products = $8,
           min_quantity = $9, minimum = $10, starts_at = $11, ends_at = $12, active = $13, alone = $14, position = $15,
           max_uses = $16, max_uses_per_customer = $17, version = $18, updated_at = $19
         where store_id = $1 and id = $2",
    );
    let written = bind(sql, promotion).execute(db).await;
    written.map_err(on_unique("promotions_code", || Error::CodeTaken))?;
    Ok(())
}

fn bind<'q>(
    sql: Statement<'q, Postgres, PgArguments>,
    promotion: &'q Promotion,
) -> Statement<'q, Postgres, PgArguments> {
    let terms = &promotion.terms;
    let (percent, amount) = match terms.cut {
        Cut::Percent(hundredths) => (Some(i32::from(hundredths)), None),
        Cut::Amount(amount) => (None, Some(amount)),
    };
    sql.bind(promotion.store)
        .bind(promotion.id)
        .bind(&terms.name)
        .bind(&terms.code)
        .bind(percent)
        .bind(amount)
        .bind(terms.currency.code())
        .bind(&terms.products)
        .bind(terms.min_quantity.cast_signed())
        .bind(terms.minimum)
        .bind(terms.starts_at)
        .bind(terms.ends_at)
        .bind(terms.active)
        .bind(terms.alone)
        .bind(terms.position)
        .bind(terms.max_uses.map(u32::cast_signed))
        .bind(terms.max_uses_per_customer.map(u32::cast_signed))
        .bind(promotion.version)
        .bind(promotion.updated_at)
}

/// Deletes one.
pub async fn delete(db: impl PgExecutor<'_>, promotion: &Promotion) -> Result<(), Error> {
    let sql = sqlx::query("delete from promotions where store_id = $1 and id = $2");
    sql.bind(promotion.store).bind(promotion.id).execute(db).await?;
    Ok(())
}

/// The promotion of `store` with this id; locked until the transaction ends when `locked`.
pub async fn find(
    db: impl PgExecutor<'_>,
    (store, id): (StoreId, PromotionId),
    locked: bool,
) -> Result<Option<Promotion>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(store).push(" and id = ").push_bind(id).push(if locked { " for update" } else { "" });
    let row: Option<Row> = sql.build_query_as().fetch_optional(db).await?;
    row.map(Promotion::try_from).transpose()
}

/// The active offers of `store`, and its active vouchers with one of `codes`.
pub async fn effective(pool: &Pool, store: StoreId, codes: &[String]) -> Result<Vec<Promotion>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(store).push(" and active and code is null");
    if !codes.is_empty() {
        sql.push(" union all ").push(SELECT).push_bind(store);
        sql.push(" and active and code = any(").push_bind(codes.to_vec()).push(")");
    }
    rows(pool, sql).await
}

/// How many offers a store has; nobody else adds one to it until the transaction ends.
pub async fn count_offers(tx: &mut Tx, store: StoreId) -> Result<usize, Error> {
    let alone = "select pg_advisory_xact_lock(hashtextextended('offers ' || current_schema() || $1::text, 0))";
    sqlx::query(alone).bind(store).execute(&mut **tx).await?;
    let sql = sqlx::query_scalar("select count(*) from promotions where store_id = $1 and code is null");
    let count: i64 = sql.bind(store).fetch_one(&mut **tx).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// How many of `products` the store has.
pub async fn count_products(db: impl PgExecutor<'_>, store: StoreId, products: &[ProductId]) -> Result<i64, Error> {
    if products.is_empty() {
        return Ok(0);
    }
    let sql = sqlx::query_scalar("select count(*) from products where store_id = $1 and id = any($2)");
    Ok(sql.bind(store).bind(products).fetch_one(db).await?)
}

/// The rows of a page in reading direction, one more than it shows.
pub async fn page(pool: &Pool, query: &Query, page: &Page) -> Result<Vec<Promotion>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    query.restrict(&mut sql);
    if let Some(cursor) = &page.cursor {
        let id: Option<PromotionId> = cursor.key.first().and_then(|id| id.parse().ok());
        let id =
            id.ok_or_else(|| KitError::invalid("/after", "bad_cursor", "this cursor is not valid for this list"))?;
        sql.push(if page.is_forward() { " and id < " } else { " and id > " }).push_bind(id);
    }
    sql.push(if page.is_forward() { " order by id desc limit " } else { " order by id limit " })
        .push_bind(page.fetch());
    rows(pool, sql).await
}

/// How many there are, counted up to one more than the cap.
pub async fn count(pool: &Pool, query: &Query) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from promotions where store_id = ");
    query.restrict(&mut sql);
    sql.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}

async fn rows(pool: &Pool, mut sql: QueryBuilder<Postgres>) -> Result<Vec<Promotion>, Error> {
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(Promotion::try_from).collect()
}

impl Query {
    fn restrict(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push_bind(self.store);
        sql.push(match self.kind {
            Kind::Offer => " and code is null",
            Kind::Voucher => " and code is not null",
        });
        if !self.text.is_empty() {
            sql.push(" and search like ").push_bind(format!("%{}%", escape(&self.text.to_lowercase())));
        }
    }
}
