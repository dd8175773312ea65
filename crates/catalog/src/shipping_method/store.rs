//! All SQL about ways to ship.
use chrono::{DateTime, Utc};
use kit::{
    ids::{ShippingMethodId, StoreId},
    money::{self, Money},
};
use sqlx::{PgExecutor, Postgres, postgres::PgArguments};

use super::shipping_method::{ShippingMethod, Terms};
use crate::Error;

#[derive(sqlx::FromRow)]
struct Row {
    store_id: StoreId,
    id: ShippingMethodId,
    name: String,
    price: i64,
    free_from: Option<i64>,
    currency: String,
    countries: Vec<String>,
    active: bool,
    position: i32,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for (StoreId, ShippingMethod) {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let currency = money::currency(&row.currency)
            .map_err(|_| Error::Kit(kit::Error::Internal(format!("{} has a broken currency", row.id))))?;
        let terms = Terms {
            name: row.name,
            price: Money::new(row.price, currency),
            free_from: row.free_from,
            countries: row.countries,
            active: row.active,
            position: row.position,
        };
        let (id, version, created_at, updated_at) = (row.id, row.version, row.created_at, row.updated_at);
        Ok((row.store_id, ShippingMethod { id, terms, version, created_at, updated_at }))
    }
}

/// The methods of `stores` by position.
pub async fn of_stores(
    db: impl PgExecutor<'_>,
    stores: &[StoreId],
    active_only: bool,
) -> Result<Vec<(StoreId, ShippingMethod)>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select * from shipping_methods where store_id = any($1) and (active or not $2) order by position, name, id",
    )
    .bind(stores.iter().map(|store| store.uuid()).collect::<Vec<_>>())
    .bind(active_only)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(TryFrom::try_from).collect()
}

/// One of the store.
pub async fn find(db: impl PgExecutor<'_>, store: StoreId, id: ShippingMethodId) -> Result<ShippingMethod, Error> {
    let sql = sqlx::query_as("select * from shipping_methods where store_id = $1 and id = $2");
    let row: Option<Row> = sql.bind(store).bind(id).fetch_optional(db).await?;
    Ok(<(StoreId, ShippingMethod)>::try_from(row.ok_or(Error::MethodNotFound)?)?.1)
}

/// Adds one.
pub async fn insert(db: impl PgExecutor<'_>, store: StoreId, method: &ShippingMethod) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into shipping_methods (store_id, id, name, price, free_from, currency, countries, active, position,
           version, updated_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
    );
    bind(sql, store, method).execute(db).await?;
    Ok(())
}

/// Writes what can change.
pub async fn update(db: impl PgExecutor<'_>, store: StoreId, method: &ShippingMethod) -> Result<(), Error> {
    let sql = sqlx::query(
        "update shipping_methods set name = $3, price = $4, free_from = $5, currency = $6, countries = $7, active = $8,
           position = $9, version = $10, updated_at = $11
         where store_id = $1 and id = $2",
    );
    bind(sql, store, method).execute(db).await?;
    Ok(())
}

/// Deletes one.
pub async fn delete(db: impl PgExecutor<'_>, store: StoreId, id: ShippingMethodId) -> Result<(), Error> {
    let sql = sqlx::query("delete from shipping_methods where store_id = $1 and id = $2");
    sql.bind(store).bind(id).execute(db).await?;
    Ok(())
}

type Statement<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

fn bind<'q>(sql: Statement<'q>, store: StoreId, method: &'q ShippingMethod) -> Statement<'q> {
    let terms = &method.terms;
    sql.bind(store)
        .bind(method.id)
        .bind(&terms.name)
        .bind(terms.price.amount)
        .bind(terms.free_from)
        .bind(terms.price.currency.code())
        .bind(&terms.countries)
        .bind(terms.active)
        .bind(terms.position)
        .bind(method.version)
        .bind(method.updated_at)
}
