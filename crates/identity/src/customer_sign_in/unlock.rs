//! Forgets failed tries of a customer's password, when staff have it forgotten (CU-8, ID-27).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::CustomerId,
};

use super::store;
use crate::Error;

/// The next try of these accounts need not wait, wherever it comes from.
pub async fn unlock(
    tx: &mut Tx,
    call: &Call,
    (customer, accounts): (CustomerId, &[[u8; 32]]),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    store::forget_tries(tx, accounts).await?;
    let entry = Entry::new("customer.unlocked", ("customer", customer), now).about(customer);
    Ok(audit::record(tx, call, entry)?)
}
