//! Finds customers' keys, and makes those that are needed for the first time.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Error as KitError,
    customer_key::CustomerKey,
    ids::{CustomerId, RealmId},
    secret::Secrets,
};
use sqlx::PgConnection;

use super::store;
use crate::Error;

/// Purpose that keys are sealed for, each for the customer whose it is.
pub const PURPOSE: &str = "customer-key";

/// Opens the keys that are kept. Clones share the secret that opens them.
#[derive(Clone)]
pub struct Keys(Secrets);

impl Keys {
    /// Whoever has `secrets` opens the keys.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        Self(secrets.clone())
    }

    /// The keys of `customers`; without those that were destroyed, or never made.
    pub async fn find(
        &self,
        db: &mut PgConnection,
        realm: RealmId,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, CustomerKey>, Error> {
        let kept = store::find(db, realm, customers).await?;
        kept.into_iter().filter_map(|(customer, key)| Some(self.open(customer, &key?))).collect()
    }

    /// The key of `customer`, made when there was none. `None` when it was destroyed.
    pub async fn key(
        &self,
        db: &mut PgConnection,
        (realm, customer): (RealmId, CustomerId),
        now: DateTime<Utc>,
    ) -> Result<Option<CustomerKey>, Error> {
        Ok(self.ensure(db, realm, &[customer], now).await?.remove(&customer))
    }

    /// The keys of `customers`, made where there were none; without those that were destroyed.
    pub async fn ensure(
        &self,
        db: &mut PgConnection,
        realm: RealmId,
        customers: &[CustomerId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<CustomerId, CustomerKey>, Error> {
        let kept = store::find(&mut *db, realm, customers).await?;
        let mut missing = customers.to_vec();
        missing.retain(|customer| kept.iter().all(|(known, _)| known != customer));
        if missing.is_empty() {
            return kept.into_iter().filter_map(|(customer, key)| Some(self.open(customer, &key?))).collect();
        }
        missing.sort_unstable();
        missing.dedup();
        let fresh: Vec<_> = missing.iter().map(|customer| self.seal(&CustomerKey::fresh(*customer))).collect();
        store::insert(&mut *db, realm, (&missing, &fresh), now).await?;
        self.find(db, realm, customers).await // somebody else may have been first
    }

    fn seal(&self, key: &CustomerKey) -> Vec<u8> {
        self.0.seal(PURPOSE, key.customer().uuid().as_bytes(), key.bytes())
    }

    fn open(&self, customer: CustomerId, sealed: &[u8]) -> Result<(CustomerId, CustomerKey), Error> {
        let bytes = self.0.open(PURPOSE, customer.uuid().as_bytes(), sealed).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or_else(|| KitError::Internal("a customer's key cannot be opened".to_owned()))?;
        Ok((customer, CustomerKey::new(customer, bytes)))
    }
}
