//! All SQL of how gateways are set up, and the only place where their keys are opened.
use kit::{
    Error, Tx,
    ids::StoreId,
    pool::Pool,
    secret::{SecretError, Secrets},
};
use sqlx::{PgConnection, PgExecutor};

use super::GatewaySetting;
use crate::payment::Gateway;

/// What the key of `stripe` is sealed for.
pub const KEY: &str = "stripe-key";
/// What the secret of its webhooks is sealed for.
pub const WEBHOOK: &str = "stripe-webhook";

/// What a store signs in to Stripe with.
pub struct Keys {
    /// The secret key.
    pub secret: String,
}

/// What of a gateway is kept sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The key of `stripe`.
    Key,
    /// The secret of its webhooks.
    Webhook,
}

impl Kept {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Key, Self::Webhook];

    /// What it is sealed for.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Key => KEY,
            Self::Webhook => WEBHOOK,
        }
    }
}

/// All that is kept of one kind, sealed, with the store that it is of.
pub async fn sealed(db: &mut PgConnection, kept: Kept) -> Result<Vec<(StoreId, Vec<u8>)>, Error> {
    let sealed = match kept {
        Kept::Key => "select store_id, secret_key from gateway_settings where secret_key is not null",
        Kept::Webhook => "select store_id, webhook_secret from gateway_settings where webhook_secret is not null",
    };
    Ok(sqlx::query_as(sealed).fetch_all(db).await?)
}

/// Replaces what is sealed of `store` unless it was changed meanwhile; answers how many there were.
pub async fn replace(
    db: &mut PgConnection,
    (kept, store): (Kept, StoreId),
    (sealed, fresh): (&[u8], &[u8]),
) -> Result<u64, Error> {
    let replace = match kept {
        Kept::Key => "update gateway_settings set secret_key = $3 where store_id = $1 and secret_key = $2",
        Kept::Webhook => "update gateway_settings set webhook_secret = $3 where store_id = $1 and webhook_secret = $2",
    };
    Ok(sqlx::query(replace).bind(store).bind(sealed).bind(fresh).execute(db).await?.rows_affected())
}

/// Those of a store that are not as usual.
pub async fn of_store(db: impl PgExecutor<'_>, store: StoreId) -> Result<Vec<GatewaySetting>, Error> {
    Ok(sqlx::query_as("select * from gateway_settings where store_id = $1").bind(store).fetch_all(db).await?)
}

/// One of a store.
pub async fn find(db: impl PgExecutor<'_>, store: StoreId, gateway: Gateway) -> Result<GatewaySetting, Error> {
    let found = sqlx::query_as("select * from gateway_settings where store_id = $1 and gateway = $2");
    let found: Option<GatewaySetting> = found.bind(store).bind(gateway).fetch_optional(db).await?;
    Ok(found.unwrap_or_else(|| GatewaySetting::usual(store, gateway)))
}

/// The same, while nobody else changes gateways of the store until the transaction ends.
pub async fn hold(tx: &mut Tx, store: StoreId, gateway: Gateway) -> Result<GatewaySetting, Error> {
    let lock = "select pg_advisory_xact_lock(hashtextextended('gateway_settings ' || $1::text, 0))";
    sqlx::query(lock).bind(store).execute(&mut **tx).await?;
    find(&mut **tx, store, gateway).await
}

/// Writes how a gateway is set up.
pub async fn save(tx: &mut Tx, setting: &GatewaySetting) -> Result<(), Error> {
    let save = sqlx::query(
        "insert into gateway_settings (store_id, gateway, enabled, publishable_key, secret_key, key_ending,
           webhook_secret, version, updated_by, updated_at, live)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint gateway_settings_pkey do update set enabled = excluded.enabled,
           publishable_key = excluded.publishable_key, secret_key = excluded.secret_key,
           key_ending = excluded.key_ending, webhook_secret = excluded.webhook_secret, version = excluded.version,
           updated_by = excluded.updated_by, updated_at = excluded.updated_at, live = excluded.live",
    );
    let save = save.bind(setting.store).bind(setting.gateway).bind(setting.enabled).bind(&setting.publishable_key);
    let save = save.bind(&setting.secret_key).bind(&setting.key_ending).bind(&setting.webhook_secret);
    save.bind(setting.version)
        .bind(&setting.updated_by)
        .bind(setting.updated_at)
        .bind(setting.live)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What `store` signs in to Stripe with, whether or not shoppers may still pay by it; none without a key.
pub async fn keys(pool: &Pool, secrets: &Secrets, store: StoreId) -> Result<Option<Keys>, Error> {
    let secret = open(secrets, (KEY, store), find(pool, store, Gateway::Stripe).await?.secret_key)?;
    Ok(secret.map(|secret| Keys { secret }))
}

/// What webhooks of Stripe to `store` are signed with.
pub async fn webhook_secret(pool: &Pool, secrets: &Secrets, store: StoreId) -> Result<Option<String>, Error> {
    open(secrets, (WEBHOOK, store), find(pool, store, Gateway::Stripe).await?.webhook_secret)
}

/// `plain` as it is kept.
#[must_use]
pub fn seal(secrets: &Secrets, (purpose, store): (&str, StoreId), plain: &str) -> Vec<u8> {
    secrets.seal(purpose, store.uuid().as_bytes(), plain.as_bytes())
}

fn open(
    secrets: &Secrets,
    (purpose, store): (&str, StoreId),
    sealed: Option<Vec<u8>>,
) -> Result<Option<String>, Error> {
    let odd = |error: SecretError| Error::Internal(format!("a key of {store} is lost: {error}"));
    let plain =
        sealed.map(|sealed| secrets.open(purpose, store.uuid().as_bytes(), &sealed)).transpose().map_err(odd)?;
    plain.map(String::from_utf8).transpose().map_err(|_| Error::Internal(format!("a key of {store} is no text")))
}
