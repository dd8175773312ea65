//! All SQL about products.
use chrono::{DateTime, Utc};
use kit::{
    Error as KitError,
    db::on_unique,
    ids::{ProductId, StoreId},
    money,
    page::{COUNT_CAP, Page},
    pool::Pool,
};
use sqlx::{PgExecutor, Postgres, QueryBuilder, postgres::PgArguments, types::Json};
use uuid::Uuid;

use super::{
    list::{Order, Query},
    plan::Plans,
    product::{Details, Kind, Product, TaxClass},
    renewal::{Renewal, Target},
};
use crate::Error;

type Statement<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

const COLUMNS: &str = "store_id, id, sku, name, description, images, price, currency, kind, package, active, plans, \
                       renewal_targets, renewal_target_changeable, contents, tax_class, download_limit, sold, version, created_at, \
                       updated_at";

#[derive(sqlx::FromRow)]
struct Row {
    store_id: StoreId,
    id: ProductId,
    sku: String,
    name: String,
    description: String,
    images: Vec<String>,
    price: Option<i64>,
    currency: String,
    kind: String,
    package: Option<String>,
    active: bool,
    plans: Json<Plans>,
    renewal_targets: Json<Vec<Target>>,
    renewal_target_changeable: bool,
    contents: Vec<Uuid>,
    tax_class: String,
    download_limit: i32,
    sold: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Versioned {
    #[sqlx(flatten)]
    product: Row,
    tariff_version: i64,
}

impl TryFrom<Row> for Product {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |what| Error::Kit(KitError::Internal(format!("product {} has a broken {what}", row.id)));
        let currency = money::currency(&row.currency).map_err(|_| broken("currency"))?;
        let kind = Kind::parse(&row.kind, row.package.as_deref().unwrap_or_default()).map_err(|_| broken("kind"))?;
        let tax_class = TaxClass::parse(&row.tax_class, "").map_err(|_| broken("tax class"))?;
        let details = Details {
            sku: row.sku,
            name: row.name,
            description: row.description,
            images: row.images,
            price: row.price,
            plans: row.plans.0,
            renewal: Renewal { targets: row.renewal_targets.0, changeable: row.renewal_target_changeable },
            kind,
            contents: row.contents.into_iter().map(ProductId::from_uuid).collect(),
            tax_class,
            download_limit: u32::try_from(row.download_limit).map_err(|_| broken("download limit"))?,
            active: row.active,
        };
        Ok(Self {
            id: row.id,
            store: row.store_id,
            currency,
            details,
            sold: row.sold,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Adds a product.
pub async fn insert(db: impl PgExecutor<'_>, product: &Product) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into products (store_id, id, sku, name, description, images, price, plans, renewal_targets,
           renewal_target_changeable, package, contents, tax_class, active, version, updated_at, download_limit,
           currency, kind, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $16)",
    );
    let sql = bind(sql, product).bind(product.currency.code()).bind(product.details.kind.slug());
    sql.execute(db).await.map_err(on_unique("products_sku", || Error::SkuTaken))?;
    Ok(())
}

/// Writes what can change about a product.
pub async fn update(db: impl PgExecutor<'_>, product: &Product) -> Result<(), Error> {
    let sql = sqlx::query(
        "update products set sku = $3, name = $4, description = $5, images = $6, price = $7, plans = $8,
           renewal_targets = $9, renewal_target_changeable = $10, package = $11, contents = $12, tax_class = $13,
           active = $14, version = $15, updated_at = $16, download_limit = $17
         where store_id = $1 and id = $2",
    );
    bind(sql, product).execute(db).await.map_err(on_unique("products_sku", || Error::SkuTaken))?;
    Ok(())
}

fn bind<'q>(sql: Statement<'q>, product: &'q Product) -> Statement<'q> {
    let details = &product.details;
    sql.bind(product.store)
        .bind(product.id)
        .bind(&details.sku)
        .bind(&details.name)
        .bind(&details.description)
        .bind(&details.images)
        .bind(details.price)
        .bind(Json(&details.plans))
        .bind(Json(&details.renewal.targets))
        .bind(details.renewal.changeable)
        .bind(details.kind.package())
        .bind(uuids(&details.contents))
        .bind(details.tax_class.slug())
        .bind(details.active)
        .bind(product.version)
        .bind(product.updated_at)
        .bind(i64::from(details.download_limit))
}

fn uuids(ids: &[ProductId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

/// The product, locked until the transaction ends.
pub async fn lock(db: impl PgExecutor<'_>, store: StoreId, id: ProductId) -> Result<Option<Product>, Error> {
    let mut sql = select(Some(&[store]));
    sql.push(" and id = ").push_bind(id).push(" for update");
    let row: Option<Row> = sql.build_query_as().fetch_optional(db).await?;
    row.map(Product::try_from).transpose()
}

/// The products of the store under these SKUs, locked until the transaction ends.
pub async fn lock_skus(db: impl PgExecutor<'_>, store: StoreId, skus: &[String]) -> Result<Vec<Product>, Error> {
    let mut sql = select(Some(&[store]));
    sql.push(" and sku = any(").push_bind(skus.to_vec()).push(") order by id for update");
    let rows: Vec<Row> = sql.build_query_as().fetch_all(db).await?;
    rows.into_iter().map(Product::try_from).collect()
}

/// Deletes a product.
pub async fn delete(db: impl PgExecutor<'_>, store: StoreId, id: ProductId) -> Result<(), Error> {
    sqlx::query("delete from products where store_id = $1 and id = $2").bind(store).bind(id).execute(db).await?;
    Ok(())
}

/// Has nobody else change what the store's products hold until the transaction ends.
pub async fn hold_contents(db: impl PgExecutor<'_>, store: StoreId) -> Result<(), Error> {
    let sql = sqlx::query("select pg_advisory_xact_lock(hashtextextended('contents ' || $1::uuid::text, 0))");
    sql.bind(store).execute(db).await?;
    Ok(())
}

/// Those of `ids` that are digital products of the store.
pub async fn digital(db: impl PgExecutor<'_>, store: StoreId, ids: &[ProductId]) -> Result<Vec<ProductId>, Error> {
    let sql = "select id from products where store_id = $1 and id = any($2) and kind = 'digital'";
    Ok(sqlx::query_scalar(sql).bind(store).bind(uuids(ids)).fetch_all(db).await?)
}

/// What is directly inside any of `ids`.
pub async fn contents_of(db: impl PgExecutor<'_>, store: StoreId, ids: &[ProductId]) -> Result<Vec<ProductId>, Error> {
    let sql = "select distinct unnest(contents) from products where store_id = $1 and id = any($2)";
    Ok(sqlx::query_scalar(sql).bind(store).bind(uuids(ids)).fetch_all(db).await?)
}

/// The products that any of `ids` is directly inside of.
pub async fn holders(db: impl PgExecutor<'_>, store: StoreId, ids: &[ProductId]) -> Result<Vec<ProductId>, Error> {
    let sql = "select id from products where store_id = $1 and contents && $2 and contents <> '{}'";
    Ok(sqlx::query_scalar(sql).bind(store).bind(uuids(ids)).fetch_all(db).await?)
}

/// Notes that these products were sold; repeatable.
pub async fn note_sold(db: impl PgExecutor<'_>, stores: &[StoreId], ids: &[ProductId]) -> Result<(), Error> {
    sqlx::query(
        "update products p set sold = true from unnest($1::uuid[], $2::uuid[]) as s (store_id, id)
         where p.store_id = s.store_id and p.id = s.id and not p.sold",
    )
    .bind(stores.iter().map(|store| store.uuid()).collect::<Vec<_>>())
    .bind(uuids(ids))
    .execute(db)
    .await?;
    Ok(())
}

/// Those of `ids` that one of `stores` sells, or any store when `stores` is `None`.
pub async fn find(pool: &Pool, stores: Option<&[StoreId]>, ids: &[ProductId]) -> Result<Vec<Product>, Error> {
    let mut query = select(stores);
    query.push(" and id = any(").push_bind(ids.to_vec()).push(")");
    rows(pool, query).await
}

/// Those of `ids` that any store sells, with the version of its tariff: whoever prices a cart knows by that whether what
/// it has of the store is the newest, and so asks no further (CA-11).
pub async fn find_with_tariffs(pool: &Pool, ids: &[ProductId]) -> Result<Vec<(Product, i64)>, Error> {
    let mut sql = QueryBuilder::new("select ");
    sql.push(COLUMNS);
    sql.push(", coalesce((select version from tariffs t where t.store_id = products.store_id), 0) as tariff_version");
    sql.push(" from products where id = any(").push_bind(ids.to_vec()).push(")");
    let rows: Vec<Versioned> = sql.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(|row| Ok((row.product.try_into()?, row.tariff_version))).collect()
}

/// Those that the store sells under one of these SKUs.
pub async fn find_skus(pool: &Pool, store: StoreId, skus: &[String]) -> Result<Vec<Product>, Error> {
    let mut query = select(Some(&[store]));
    query.push(" and sku = any(").push_bind(skus.to_vec()).push(")");
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
        for test in &self.tests {
            test.write(sql);
        }
        if !self.text.is_empty() {
            sql.push(" and search like ").push_bind(format!("%{}%", escape(&self.text.to_lowercase())));
        }
    }
}

/// `text` with the wildcards of `like` taken literally.
pub(crate) fn escape(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

impl Order {
    fn column(self) -> &'static str {
        match self {
            Self::CreatedAt { .. } => "created_at",
            Self::Name { .. } => "name",
            Self::Sku { .. } => "sku",
            Self::Price { .. } => "from_price",
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
