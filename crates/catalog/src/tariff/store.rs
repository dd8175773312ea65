//! All SQL about the versions of tariffs.
use std::collections::HashMap;

use kit::ids::StoreId;
use sqlx::PgExecutor;

use crate::Error;

/// Raises the version of a store's tariff.
pub async fn raise(db: impl PgExecutor<'_>, store: StoreId) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into tariffs (store_id, version) values ($1, 1)
         on conflict on constraint tariffs_pkey do update set version = tariffs.version + 1",
    );
    sql.bind(store).execute(db).await?;
    Ok(())
}

/// The versions of stores' tariffs, as far as they have one.
pub async fn versions(db: impl PgExecutor<'_>, stores: &[StoreId]) -> Result<HashMap<StoreId, i64>, Error> {
    let sql = sqlx::query_as("select store_id, version from tariffs where store_id = any($1)");
    let rows: Vec<(StoreId, i64)> =
        sql.bind(stores.iter().map(|store| store.uuid()).collect::<Vec<_>>()).fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}
