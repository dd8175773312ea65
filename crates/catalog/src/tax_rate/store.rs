//! All SQL about tax rates.
use chrono::{DateTime, Utc};
use kit::{
    db::on_unique,
    ids::{StoreId, TaxRateId},
};
use sqlx::{PgExecutor, Postgres, postgres::PgArguments};

use super::tax_rate::{TaxRate, Terms};
use crate::{Error, product::product::TaxClass};

#[derive(sqlx::FromRow)]
struct Row {
    store_id: StoreId,
    id: TaxRateId,
    name: String,
    country: String,
    region: String,
    rate: i32,
    included: bool,
    class: String,
    active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for (StoreId, TaxRate) {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let class = TaxClass::parse(&row.class, "");
        let class = class.map_err(|_| kit::Error::Internal(format!("{} has a broken class", row.id)))?;
        let terms = Terms {
            name: row.name,
            country: row.country,
            region: row.region,
            rate: row.rate,
            included: row.included,
            class,
            active: row.active,
        };
        let (id, version, created_at, updated_at) = (row.id, row.version, row.created_at, row.updated_at);
        Ok((row.store_id, TaxRate { id, terms, version, created_at, updated_at }))
    }
}

/// The rates of `stores` by place and class.
pub async fn of_stores(
    db: impl PgExecutor<'_>,
    stores: &[StoreId],
    active_only: bool,
) -> Result<Vec<(StoreId, TaxRate)>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select * from tax_rates where store_id = any($1) and (active or not $2) order by country, region, class, id",
    )
    .bind(stores.iter().map(|store| store.uuid()).collect::<Vec<_>>())
    .bind(active_only)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(TryFrom::try_from).collect()
}

/// One of the store.
pub async fn find(db: impl PgExecutor<'_>, store: StoreId, id: TaxRateId) -> Result<TaxRate, Error> {
    let sql = sqlx::query_as("select * from tax_rates where store_id = $1 and id = $2");
    let row: Option<Row> = sql.bind(store).bind(id).fetch_optional(db).await?;
    Ok(<(StoreId, TaxRate)>::try_from(row.ok_or(Error::RateNotFound)?)?.1)
}

/// Adds one.
pub async fn insert(db: impl PgExecutor<'_>, store: StoreId, rate: &TaxRate) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into tax_rates (store_id, id, name, country, region, rate, included, class, active, version, updated_at,
           created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
    );
    bind(sql, store, rate).execute(db).await.map_err(on_unique("tax_rates_place", || Error::RateTaken))?;
    Ok(())
}

/// Writes what can change.
pub async fn update(db: impl PgExecutor<'_>, store: StoreId, rate: &TaxRate) -> Result<(), Error> {
    let sql = sqlx::query(
        "update tax_rates set name = $3, country = $4, region = $5, rate = $6, included = $7, class = $8, active = $9,
           version = $10, updated_at = $11
         where store_id = $1 and id = $2",
    );
    bind(sql, store, rate).execute(db).await.map_err(on_unique("tax_rates_place", || Error::RateTaken))?;
    Ok(())
}

/// Deletes one.
pub async fn delete(db: impl PgExecutor<'_>, store: StoreId, id: TaxRateId) -> Result<(), Error> {
    let sql = sqlx::query("delete from tax_rates where store_id = $1 and id = $2");
    sql.bind(store).bind(id).execute(db).await?;
    Ok(())
}

type Statement<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

fn bind<'q>(sql: Statement<'q>, store: StoreId, rate: &'q TaxRate) -> Statement<'q> {
    let terms = &rate.terms;
    sql.bind(store)
        .bind(rate.id)
        .bind(&terms.name)
        .bind(&terms.country)
        .bind(&terms.region)
        .bind(terms.rate)
        .bind(terms.included)
        .bind(terms.class.slug())
        .bind(terms.active)
        .bind(rate.version)
        .bind(rate.updated_at)
}
