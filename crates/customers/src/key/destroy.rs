//! Destroys a customer's key, and with it all that it sealed.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};

use super::store;
use crate::Error;

/// Destroys the key of `customer`: what it sealed cannot be read any more, wherever it lies, and nothing is sealed anew.
pub async fn destroy_key(tx: &mut Tx, realm: RealmId, customer: CustomerId, now: DateTime<Utc>) -> Result<(), Error> {
    Ok(store::destroy(&mut **tx, realm, customer, now).await?)
}
