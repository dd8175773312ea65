//! The key of today, made when it is first needed and kept in memory for some seconds.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Db, Error as KitError, Tx,
    assertion::{Claims, Signer},
    secret::{self, Secrets},
};
use tokio::sync::Mutex;

use super::{
    rotate::publish_next,
    store::{self, Key, KeyId},
};
use crate::Error;

/// Purpose that seeds are sealed for.
pub(crate) const PURPOSE: &str = "signing-key";
/// How long a key is used without looking whether another one has taken its place.
const TRUST: TimeDelta = TimeDelta::seconds(5);

/// Signs assertions. Clones share the key.
#[derive(Clone)]
pub struct Keyring {
    db: Db,
    secrets: Secrets,
    current: Arc<Mutex<Option<Current>>>,
}

/// The key of today, and when it was read.
struct Current {
    signer: Signer,
    read_at: DateTime<Utc>,
}

impl Keyring {
    /// A keyring on the keys in `db`.
    #[must_use]
    pub fn new(db: &Db, secrets: &Secrets) -> Self {
        Self { db: db.clone(), secrets: secrets.clone(), current: Arc::default() }
    }

    /// Signs `claims` with the key of today.
    pub async fn sign(&self, claims: &Claims, now: DateTime<Utc>) -> Result<String, Error> {
        let signer = self.signer(now).await?;
        signer.sign(claims).map_err(|e| KitError::Internal(format!("signing failed: {e}")).into())
    }

    async fn signer(&self, now: DateTime<Utc>) -> Result<Signer, Error> {
        let mut current = self.current.lock().await;
        if let Some(current) = current.as_ref().filter(|current| now - current.read_at < TRUST) {
            return Ok(current.signer.clone());
        }
        let key = match store::active(self.db.pool(), now).await? {
            Some(key) => key,
            None => self.make(now).await?,
        };
        let signer = self.open(&key)?;
        *current = Some(Current { signer: signer.clone(), read_at: now });
        Ok(signer)
    }

    /// Makes the first key and the next one, once however many processes need it.
    async fn make(&self, now: DateTime<Utc>) -> Result<Key, Error> {
        let mut tx = self.db.begin_own().await?;
        store::lock(&mut tx).await?;
        if let Some(key) = store::active(&mut *tx, now).await? {
            return Ok(key);
        }
        let key = self.add(&mut tx, now, now).await?;
        publish_next(self, &mut tx, &key, now).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Adds a key that signs from `active_at` on. The keys are locked.
    pub(super) async fn add(&self, tx: &mut Tx, active_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Key, Error> {
        let (id, seed) = (KeyId::new(now), secret::random::<32>());
        let public = signer(id, &seed)?.public().bytes;
        let seed = self.secrets.seal(PURPOSE, id.uuid().as_bytes(), &seed);
        let key = Key { id, seed, public_key: public.to_vec(), active_at };
        store::insert(tx, &key, now).await?;
        Ok(key)
    }

    /// The database with the keys.
    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    fn open(&self, key: &Key) -> Result<Signer, Error> {
        let seed = self.secrets.open(PURPOSE, key.id.uuid().as_bytes(), &key.seed).ok();
        let seed = seed.and_then(|seed| seed.try_into().ok());
        let seed = seed.ok_or_else(|| KitError::Internal("a signing key cannot be opened".to_owned()))?;
        signer(key.id, &seed)
    }
}

fn signer(id: KeyId, seed: &[u8; 32]) -> Result<Signer, Error> {
    Signer::new(id, seed).map_err(|e| KitError::Internal(format!("a signing key cannot be used: {e}")).into())
}
