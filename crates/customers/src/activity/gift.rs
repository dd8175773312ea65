//! Remembers where somebody was given something (OR-1): the portal opens for them then, though they never bought anything.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId, StoreId},
};

use super::store;
use crate::{Error, customer::store as record};

/// Somebody was given something.
#[derive(Clone, Copy, Debug)]
pub struct Gift {
    /// The customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// What of this store.
    pub store: StoreId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Takes `gift` into account. Repeatable, in any order.
pub async fn record_gift(tx: &mut Tx, gift: Gift) -> Result<(), Error> {
    let Some(customer) = record::lock(tx, gift.realm, gift.customer).await? else { return Ok(()) };
    store::put_gift(tx, &Gift { customer: customer.id, ..gift }).await
}
