//! Marks a record registered because identity made an account of it: what heals a registration that broke off before
//! identity could say so itself (ID-1). And the other way round, when the account was closed.
use chrono::{DateTime, Utc};
use kit::Tx;

use super::sign_of_life::{SignOfLife, record_sign_of_life};
use crate::{
    Error,
    customer::{register::save, store as record},
};

/// The account of `sign`'s customer was made; heard of at `now`.
pub async fn record_registration(tx: &mut Tx, sign: SignOfLife, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(mut customer) = record::lock(tx, sign.realm, sign.customer).await? else { return Ok(()) };
    let fields = customer.registered_at(sign.at, now);
    save(tx, &customer, &fields).await?;
    record_sign_of_life(tx, SignOfLife { customer: customer.id, ..sign }).await
}

/// The account of `sign`'s customer was closed; heard of at `now` (ID-13).
pub async fn record_closure(tx: &mut Tx, sign: SignOfLife, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(mut customer) = record::lock(tx, sign.realm, sign.customer).await? else { return Ok(()) };
    if customer.id != sign.customer {
        return Ok(()); // the account of a record that was merged meanwhile; the kept one has its own
    }
    let fields = customer.closed(sign.at, now);
    save(tx, &customer, &fields).await
}
