//! All SQL of networks.
use kit::{
    Tx,
    ids::{NetworkId, RealmId, StoreId},
};
use sqlx::PgExecutor;

use super::network::Network;
use crate::{Error, shop::Store};

/// Adds a network.
pub async fn insert(tx: &mut Tx, network: &Network) -> Result<(), Error> {
    sqlx::query(
        "insert into networks (id, name, key, currency, reviews_enabled, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(network.id)
    .bind(&network.name)
    .bind(&network.key)
    .bind(&network.currency)
    .bind(network.reviews_enabled)
    .bind(network.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The network with this id.
pub async fn find(db: impl PgExecutor<'_>, id: NetworkId) -> Result<Option<Network>, Error> {
    Ok(sqlx::query_as("select * from networks where id = $1").bind(id).fetch_optional(db).await?)
}

/// The stores that are to become members, locked: nobody else can take them into a network meanwhile.
pub async fn lock_members(tx: &mut Tx, stores: &[StoreId]) -> Result<Vec<Store>, Error> {
    let locked = sqlx::query_as("select * from stores where id = any($1) order by id for update");
    Ok(locked.bind(stores).fetch_all(&mut **tx).await?)
}

/// Whether anybody has an account in one of these customer bases: what customers was asked may have changed since.
pub async fn have_accounts(tx: &mut Tx, realms: &[RealmId]) -> Result<bool, Error> {
    let known = sqlx::query_scalar(
        "select exists (select from customer_credentials where realm_id = any($1))
             or exists (select from shoppers where realm_id = any($1))",
    );
    Ok(known.bind(realms).fetch_one(&mut **tx).await?)
}

/// Makes the stores members, and with that the network's customer base theirs.
pub async fn join(tx: &mut Tx, network: NetworkId, stores: &[StoreId]) -> Result<(), Error> {
    let joined = sqlx::query("update stores set network_id = $1 where id = any($2)");
    joined.bind(network).bind(stores).execute(&mut **tx).await?;
    Ok(())
}
