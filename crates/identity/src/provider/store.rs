//! All SQL of providers' accounts and of nonces that were used.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
    secret,
};
use sqlx::PgExecutor;

use super::token::Vouched;
use crate::Error;

/// Whose account it is.
pub async fn find(db: impl PgExecutor<'_>, realm: RealmId, vouched: &Vouched) -> Result<Option<CustomerId>, Error> {
    let found = sqlx::query_scalar(
        "select customer_id from provider_accounts where realm_id = $1 and issuer = $2 and subject = $3",
    );
    Ok(found.bind(realm).bind(&vouched.issuer).bind(&vouched.subject).fetch_optional(db).await?)
}

/// Keeps whose account it is; answers whose it was already.
pub async fn keep(
    tx: &mut Tx,
    realm: RealmId,
    (vouched, customer): (&Vouched, CustomerId),
    now: DateTime<Utc>,
) -> Result<CustomerId, Error> {
    let kept = sqlx::query_scalar(
        "insert into provider_accounts as known (realm_id, issuer, subject, customer_id, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict on constraint provider_accounts_pkey do update set customer_id = known.customer_id
         returning customer_id",
    );
    let kept = kept.bind(realm).bind(&vouched.issuer).bind(&vouched.subject).bind(customer).bind(now);
    Ok(kept.fetch_one(&mut **tx).await?)
}

/// Uses a nonce up; false when it was used before.
pub async fn use_nonce(
    tx: &mut Tx,
    issuer: &str,
    (nonce, expires_at): &(String, DateTime<Utc>),
) -> Result<bool, Error> {
    let used = sqlx::query(
        "insert into provider_nonces (issuer, nonce_hash, expires_at) values ($1, $2, $3)
         on conflict on constraint provider_nonces_pkey do nothing",
    );
    let used = used.bind(issuer).bind(secret::sha256(nonce.as_bytes())).bind(expires_at).execute(&mut **tx).await?;
    Ok(used.rows_affected() == 1)
}

/// Forgets the accounts that sign `customer` in.
pub async fn forget(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<(), Error> {
    let forgotten = sqlx::query("delete from provider_accounts where realm_id = $1 and customer_id = $2");
    forgotten.bind(realm).bind(customer).execute(&mut **tx).await?;
    Ok(())
}
