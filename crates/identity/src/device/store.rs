//! All SQL of devices.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, DeviceId, RealmId},
    secret::{self, Secrets},
};
use sqlx::PgExecutor;

use super::device::{Device, PURPOSE, Platform};
use crate::Error;

/// How many devices a customer has at most; the oldest give way.
const MOST: i64 = 50;

/// A device to keep.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Customer base.
    pub realm: RealmId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Whose push service reaches it.
    pub platform: Platform,
    /// What that knows it by.
    pub token: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Keeps a device; one with the same token becomes the customer's and stays the same device.
pub async fn put(tx: &mut Tx, entry: &Entry<'_>, secrets: &Secrets) -> Result<Device, Error> {
    // The token is sealed for its own hash: the device that has it already keeps its id.
    let hash = secret::sha256(entry.token.as_bytes());
    let device = sqlx::query_as(
        "insert into devices as d (realm_id, id, customer_id, platform, token_hash, token, registered_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict on constraint devices_token_hash_key do update
           set customer_id = excluded.customer_id, platform = excluded.platform, registered_at = excluded.registered_at
         returning id, platform, token",
    )
    .bind(entry.realm)
    .bind(DeviceId::new(entry.now))
    .bind(entry.customer)
    .bind(entry.platform)
    .bind(hash)
    .bind(secrets.seal(PURPOSE, &hash, entry.token.as_bytes()))
    .bind(entry.now)
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query(
        "delete from devices where realm_id = $1 and id in (
           select id from devices where realm_id = $1 and customer_id = $2 order by registered_at desc, id desc offset $3)",
    )
    .bind(entry.realm)
    .bind(entry.customer)
    .bind(MOST)
    .execute(&mut **tx)
    .await?;
    Ok(device)
}

/// Forgets a device of `customer`, which is answered.
pub async fn delete(
    tx: &mut Tx,
    (realm, customer): (RealmId, CustomerId),
    id: DeviceId,
) -> Result<Option<Device>, Error> {
    let deleted = sqlx::query_as(
        "delete from devices where realm_id = $1 and customer_id = $2 and id = $3 returning id, platform, token",
    );
    Ok(deleted.bind(realm).bind(customer).bind(id).fetch_optional(&mut **tx).await?)
}

/// Forgets all devices of `customer`.
pub async fn delete_all(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<(), Error> {
    let deleted = sqlx::query("delete from devices where realm_id = $1 and customer_id = $2");
    deleted.bind(realm).bind(customer).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets the device that a push service knew by `token`.
pub async fn delete_token(tx: &mut Tx, realm: RealmId, token: &str) -> Result<(), Error> {
    let deleted = sqlx::query("delete from devices where realm_id = $1 and token_hash = $2");
    deleted.bind(realm).bind(secret::sha256(token.as_bytes())).execute(&mut **tx).await?;
    Ok(())
}

/// The devices of `customer`, the newest first, with the hashes that their tokens are sealed for.
pub async fn of_customer(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customer: CustomerId,
) -> Result<Vec<(DeviceId, Platform, Vec<u8>, Vec<u8>)>, Error> {
    let devices = sqlx::query_as(
        "select id, platform, token_hash, token from devices where realm_id = $1 and customer_id = $2
         order by registered_at desc, id desc",
    );
    Ok(devices.bind(realm).bind(customer).fetch_all(db).await?)
}

/// Their ids alone.
pub async fn ids(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<Vec<DeviceId>, Error> {
    let ids = sqlx::query_scalar("select id from devices where realm_id = $1 and customer_id = $2");
    Ok(ids.bind(realm).bind(customer).fetch_all(db).await?)
}
