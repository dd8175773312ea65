//! Keyed hashes that outlive the secret: what people are known again by for years. Their keys are stored sealed, so that
//! a new secret needs only them sealed anew, not every hash made again of addresses that identity does not have.
use std::sync::Arc;

use kit::{
    Db, Error as KitError,
    secret::{self, Secrets},
};
use tokio::sync::OnceCell;

use crate::Error;

/// Purpose that the keys are sealed for.
pub(crate) const PURPOSE: &str = "lookup-key";

/// What somebody is known again by.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// A proven phone number, which is one account's of a realm.
    Phone,
    /// The e-mail address of a shopper, across realms.
    Shopper,
    /// The e-mail address of somebody who is kept out.
    Block,
}

/// Makes these hashes. Clones share the keys.
#[derive(Clone)]
pub struct Lookup {
    db: Db,
    secrets: Secrets,
    keys: Arc<[OnceCell<[u8; 32]>; 3]>,
}

impl Lookup {
    /// With the keys in `db`.
    #[must_use]
    pub fn new(db: &Db, secrets: &Secrets) -> Self {
        Self { db: db.clone(), secrets: secrets.clone(), keys: Arc::default() }
    }

    /// The hash of `value`, always the same.
    pub async fn hash(&self, by: By, value: &str) -> Result<[u8; 32], Error> {
        let (place, purpose) = match by {
            By::Phone => (0, "account-phone"),
            By::Shopper => (1, "shopper"),
            By::Block => (2, "block-email"),
        };
        let key = self.keys[place].get_or_try_init(|| self.key(purpose)).await?;
        Ok(secret::keyed_hash(key, value.as_bytes()))
    }

    /// The key for one purpose; whoever needs it first decides what it is.
    async fn key(&self, purpose: &str) -> Result<[u8; 32], Error> {
        let first = self.secrets.seal(PURPOSE, purpose.as_bytes(), &self.secrets.key(purpose));
        let sealed: Vec<u8> = sqlx::query_scalar(
            "insert into lookup_keys as known (purpose, key) values ($1, $2)
             on conflict on constraint lookup_keys_pkey do update set key = known.key
             returning key",
        )
        .bind(purpose)
        .bind(first)
        // Whoever is first may be in a transaction: another connection of the pool might never come free.
        .fetch_one(&self.db.apart())
        .await?;
        let key = self.secrets.open(PURPOSE, purpose.as_bytes(), &sealed).ok().and_then(|key| key.try_into().ok());
        key.ok_or_else(|| KitError::Internal("a look-up key cannot be opened".to_owned()).into())
    }
}
