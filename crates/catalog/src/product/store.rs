//! All SQL about products.
use chrono::{DateTime, Utc};
use kit::{
    Error as KitError,
    db::on_unique,
    ids::{ProductId, StoreId},
    money::{self, Money},
    page::{COUNT_CAP, Page},
    pool::Pool,
};
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use super::{
    list::{Order, Query},
    product::{Details, Kind, Product},
};
use crate::Error;

const COLUMNS: &str = "store_id, id, sku, name, description, images, price, currency, kind, package, active, version, \
                       created_at, updated_at";

#[derive(sqlx::FromRow)]
struct Row {
    store_id: StoreId,
    id: ProductId,
    sku: String,
    name: String,
    description: String,
    images: Vec<String>,
    price: i64,
    currency: String,
    kind: String,
    package: Option<String>,
    active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Product {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |what| Error::Kit(KitError::Internal(format!("product {} has a broken {what}", row.id)));
        let currency = money::currency(&row.currency).map_err(|_| broken("currency"))?;
        let kind = Kind::parse(&row.kind, row.package.as_deref().unwrap_or_default()).map_err(|_| broken("kind"))?;
        Ok(Self {
            id: row.id,
            store: row.store_id,
            sku: row.sku,
            details: Details {
                name: row.name,
                description: row.description,
                images: row.images,
                price: Money::new(row.price, currency),
                active: row.active,
            },
            kind,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Adds a product.
pub async fn insert(db: impl PgExecutor<'_>, product: &Product) -> Result<(), Error> {
    sqlx::query(
        "insert into products (store_id, id, sku, name, description, images, price, currency, kind, package, active,
                               created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
    )
    .bind(product.store)
    .bind(product.id)
    .bind(&product.sku)
    .bind(&product.details.name)
    .bind(&product.details.description)
    .bind(&product.details.images)
    .bind(product.details.price.amount)
    .bind(product.details.price.currency.code())
    .bind(product.kind.slug())
    .bind(product.kind.package())
    .bind(product.details.active)
    .bind(product.created_at)
    .execute(db)
    .await
    .map_err(on_unique("products_sku", || Error::SkuTaken))?;
    Ok(())
}

/// Writes what can change about a product.
pub async fn update(db: impl PgExecutor<'_>, product: &Product) -> Result<(), Error> {
    sqlx::query(
        "update products set name = $3, description = $4, price = $5, active = $6, version = $7, updated_at = $8
         where store_id = $1 and id = $2",
    )
    .bind(product.store)
    .bind(product.id)
    .bind(&product.details.name)
    .bind(&product.details.description)
    .bind(product.details.price.amount)
    .bind(product.details.active)
    .bind(product.version)
    .bind(product.updated_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The product, locked until the transaction ends.
pub async fn lock(db: impl PgExecutor<'_>, store: StoreId, id: ProductId) -> Result<Option<Product>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "select store_id, id, sku, name, description, images, price, currency, kind, package, active, version,
                created_at, updated_at
         from products where store_id = $1 and id = $2 for update",
    )
    .bind(store)
    .bind(id)
    .fetch_optional(db)
    .await?;
    row.map(Product::try_from).transpose()
}

/// Those of `ids` that one of `stores` sells, or any store when `stores` is `None`.
pub async fn find(pool: &Pool, stores: Option<&[StoreId]>, ids: &[ProductId]) -> Result<Vec<Product>, Error> {
    let mut query = select(stores);
    query.push(" and id = any(").push_bind(ids.to_vec()).push(")");
    rows(pool, query).await
}

/// The rows of a page in reading direction, one more than it shows.
pub async fn page(pool: &Pool, query: &Query, page: &Page) -> Result<Vec<Product>, Error> {
    let mut sql = select(Some(&query.stores));
    query.restrict(&mut sql);
    let forward = page.is_forward();
    if let Some(cursor) = &page.cursor {
        query.order.after(&mut sql, &cursor.key, forward)?;
    }
    query.order.sort(&mut sql, forward);
    sql.push(" limit ").push_bind(page.fetch());
    rows(pool, sql).await
}

/// The rows from `offset` on.
pub async fn slice(pool: &Pool, query: &Query, limit: u32, offset: u32) -> Result<Vec<Product>, Error> {
    let mut sql = select(Some(&query.stores));
    query.restrict(&mut sql);
    query.order.sort(&mut sql, true);
    sql.push(" limit ").push_bind(i64::from(limit)).push(" offset ").push_bind(i64::from(offset));
    rows(pool, sql).await
}

/// How many rows there are, counted up to one more than the cap.
pub async fn count(pool: &Pool, query: &Query) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from products where store_id = any(");
    sql.push_bind(query.stores.clone()).push(")");
    query.restrict(&mut sql);
    sql.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}

fn select(stores: Option<&[StoreId]>) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select ");
    sql.push(COLUMNS).push(" from products where ");
    match stores {
        Some([store]) => sql.push("store_id = ").push_bind(*store),
        Some(stores) => sql.push("store_id = any(").push_bind(stores.to_vec()).push(")"),
        None => sql.push("true"),
    };
    sql
}

async fn rows(pool: &Pool, mut sql: QueryBuilder<Postgres>) -> Result<Vec<Product>, Error> {
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(Product::try_from).collect()
}

impl Query {
    fn restrict(&self, sql: &mut QueryBuilder<Postgres>) {
        if self.active_only {
            sql.push(" and active");
        }
        if !self.text.is_empty() {
            sql.push(" and search like ").push_bind(format!("%{}%", escape(&self.text.to_lowercase())));
        }
    }
}

/// `text` with the wildcards of `like` taken literally.
fn escape(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

impl Order {
    fn column(self) -> &'static str {
        match self {
            Self::CreatedAt { .. } => "created_at",
            Self::Name { .. } => "name",
            Self::Sku { .. } => "sku",
            Self::Price { .. } => "price",
        }
    }

    fn sort(self, sql: &mut QueryBuilder<Postgres>, forward: bool) {
        let direction = if self.descending() == forward { "desc" } else { "asc" };
        sql.push(format_args!(" order by {} {direction}, id {direction}", self.column()));
    }

    fn after(self, sql: &mut QueryBuilder<Postgres>, key: &[String], forward: bool) -> Result<(), Error> {
        let bad = || Error::Kit(KitError::invalid("/after", "bad_cursor", "this cursor is not valid for this list"));
        let [value, id] = key else { return Err(bad()) };
        let id: ProductId = id.parse().map_err(|_| bad())?;
        let sign = if self.descending() == forward { "<" } else { ">" };
        sql.push(format_args!(" and ({}, id) {sign} (", self.column()));
        match self {
            Self::CreatedAt { .. } => sql.push_bind(value.parse::<DateTime<Utc>>().map_err(|_| bad())?),
            Self::Price { .. } => sql.push_bind(value.parse::<i64>().map_err(|_| bad())?),
            Self::Name { .. } | Self::Sku { .. } => sql.push_bind(value.clone()),
        };
        sql.push(", ").push_bind(id).push(")");
        Ok(())
    }
}
