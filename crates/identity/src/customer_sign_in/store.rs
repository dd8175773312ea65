//! All SQL of how a customer signs in.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};
use sqlx::PgExecutor;

use crate::{Error, attempt::attempt::PASSWORD};

/// What an account signs in with.
#[derive(Debug, Default, sqlx::FromRow)]
pub struct Account {
    /// When it was made.
    pub registered_at: DateTime<Utc>,
    /// When its owner last signed in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Whether there is a password.
    pub has_password: bool,
    /// Whether there is a proven phone.
    pub has_phone: bool,
    /// Issuers of accounts elsewhere.
    pub issuers: Vec<String>,
    /// Whether the e-mail address was proven.
    pub has_email: bool,
}

/// The account of `customer`; none for a guest.
pub async fn account(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<Option<Account>, Error> {
    let account = sqlx::query_as(
        "select registered_at, last_login_at, password_hash is not null as has_password,
                phone_hash is not null as has_phone,
                array(select distinct issuer from provider_accounts p
                      where p.realm_id = $1 and p.customer_id = $2 order by issuer) as issuers,
                exists (select from shoppers s where s.realm_id = $1 and s.customer_id = $2) as has_email
         from customer_credentials where realm_id = $1 and customer_id = $2",
    );
    Ok(account.bind(realm).bind(customer).fetch_optional(db).await?)
}

/// Until when the longest wait for a try of a password of one of these accounts is.
pub async fn locked_until(
    db: impl PgExecutor<'_>,
    accounts: &[[u8; 32]],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let until = "select max(free_at) from attempts where whose = any($1) and kind = $2 and free_at > $3";
    let until = sqlx::query_scalar(until).bind(slices(accounts)).bind(PASSWORD.kind).bind(now);
    Ok(until.fetch_one(db).await?)
}

/// Forgets the tries of passwords of these accounts, from wherever they came; how many there were.
pub async fn forget_tries(tx: &mut Tx, accounts: &[[u8; 32]]) -> Result<u64, Error> {
    let forgotten = sqlx::query("delete from attempts where whose = any($1) and kind = $2");
    Ok(forgotten.bind(slices(accounts)).bind(PASSWORD.kind).execute(&mut **tx).await?.rows_affected())
}

fn slices(accounts: &[[u8; 32]]) -> Vec<&[u8]> {
    accounts.iter().map(<[u8; 32]>::as_slice).collect()
}

/// Forgets that `customer` had proven their e-mail address by `at`; a proof since then counts.
pub async fn forget_proof(tx: &mut Tx, realm: RealmId, customer: CustomerId, at: DateTime<Utc>) -> Result<(), Error> {
    let forget = "delete from shoppers where realm_id = $1 and customer_id = $2 and registered_at <= $3";
    sqlx::query(forget).bind(realm).bind(customer).bind(at).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets the phone number that signed `customer` in.
pub async fn forget_phone(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<(), Error> {
    let forget = "update customer_credentials set phone_hash = null where realm_id = $1 and customer_id = $2";
    sqlx::query(forget).bind(realm).bind(customer).execute(&mut **tx).await?;
    Ok(())
}
