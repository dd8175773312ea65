//! All SQL of customers' credentials, and of the shoppers behind them.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    call::Client,
    db::on_unique,
    ids::{CustomerId, RealmId},
};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::Error;

/// An account to add.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// Customer base.
    pub realm: RealmId,
    /// Whose.
    pub customer: CustomerId,
    /// Hash of the password, if there is one.
    pub password_hash: Option<&'a str>,
    /// Keyed hash of the proven phone number.
    pub phone_hash: Option<[u8; 32]>,
    /// Where the registration came from (ID-28).
    pub client: &'a Client,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Adds an account; a person has one, and a proven phone number is one account's.
pub async fn insert(tx: &mut Tx, credentials: &Credentials<'_>) -> Result<(), Error> {
    let taken = |error| match on_unique("customer_credentials_pkey", || Error::AlreadyRegistered)(error) {
        Error::Kit(kit::Error::Database(error)) => {
            on_unique("customer_credentials_phone_hash_key", || Error::AlreadyRegistered)(error)
        }
        meant => meant,
    };
    sqlx::query(
        "insert into customer_credentials (realm_id, customer_id, password_hash, phone_hash, registered_at, ip, agent)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(credentials.realm)
    .bind(credentials.customer)
    .bind(credentials.password_hash)
    .bind(credentials.phone_hash)
    .bind(credentials.now)
    .bind(&credentials.client.ip)
    .bind(&credentials.client.agent)
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(())
}

/// An account as it was found.
#[derive(Debug, sqlx::FromRow)]
pub struct Account {
    /// Hash of the password; none for an account without one.
    pub password_hash: Option<String>,
}

/// The account of `customer`; looks as hard for nobody (ID-7).
pub async fn find(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customer: Option<CustomerId>,
) -> Result<Option<Account>, Error> {
    let account =
        sqlx::query_as("select password_hash from customer_credentials where realm_id = $1 and customer_id = $2");
    let customer = customer.map_or_else(Uuid::nil, CustomerId::uuid);
    Ok(account.bind(realm).bind(customer).fetch_optional(db).await?)
}

/// Keeps the hash of the same password with today's parameters, unless another password was set since.
pub async fn rehash(
    tx: &mut Tx,
    (realm, customer): (RealmId, CustomerId),
    [weak, strong]: &[String; 2],
) -> Result<(), Error> {
    let rehash = "update customer_credentials set password_hash = $4
                  where realm_id = $1 and customer_id = $2 and password_hash = $3";
    sqlx::query(rehash).bind(realm).bind(customer).bind(weak).bind(strong).execute(&mut **tx).await?;
    Ok(())
}

/// Keeps the hash of another password.
pub async fn set_password(tx: &mut Tx, realm: RealmId, customer: CustomerId, password_hash: &str) -> Result<(), Error> {
    sqlx::query("update customer_credentials set password_hash = $3 where realm_id = $1 and customer_id = $2")
        .bind(realm)
        .bind(customer)
        .bind(password_hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Remembers which record the shopper of an e-mail has in a realm.
pub async fn index_shopper(
    tx: &mut Tx,
    email_hash: [u8; 32],
    realm: RealmId,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into shoppers (email_hash, realm_id, customer_id, registered_at) values ($1, $2, $3, $4)
         on conflict on constraint shoppers_pkey do update set customer_id = excluded.customer_id",
    )
    .bind(email_hash)
    .bind(realm)
    .bind(customer)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the shopper of an e-mail is known to be `customer`; looks as hard for nobody (ID-7).
pub async fn is_shopper(
    db: impl PgExecutor<'_>,
    email_hash: [u8; 32],
    realm: RealmId,
    customer: Option<CustomerId>,
) -> Result<bool, Error> {
    let known = sqlx::query_scalar(
        "select exists (select from shoppers where email_hash = $1 and realm_id = $2 and customer_id = $3)",
    );
    let customer = customer.map_or_else(Uuid::nil, CustomerId::uuid);
    Ok(known.bind(email_hash).bind(realm).bind(customer).fetch_one(db).await?)
}

/// Forgets by which e-mail addresses a customer is a shopper.
pub async fn forget_shopper(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<(), Error> {
    let forgotten = sqlx::query("delete from shoppers where realm_id = $1 and customer_id = $2");
    forgotten.bind(realm).bind(customer).execute(&mut **tx).await?;
    Ok(())
}

/// Keeps the keyed hash of a phone number that was proven; it is one account's.
pub async fn set_phone(tx: &mut Tx, realm: RealmId, customer: CustomerId, phone_hash: [u8; 32]) -> Result<(), Error> {
    sqlx::query("update customer_credentials set phone_hash = $3 where realm_id = $1 and customer_id = $2")
        .bind(realm)
        .bind(customer)
        .bind(phone_hash)
        .execute(&mut **tx)
        .await
        .map_err(on_unique("customer_credentials_phone_hash_key", || Error::BadCode))?;
    Ok(())
}

/// Takes an account away; whether there was one.
pub async fn delete(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<bool, Error> {
    let deleted = sqlx::query("delete from customer_credentials where realm_id = $1 and customer_id = $2");
    Ok(deleted.bind(realm).bind(customer).execute(&mut **tx).await?.rows_affected() == 1)
}
