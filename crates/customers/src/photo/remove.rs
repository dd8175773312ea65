//! Takes a photo off a record.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, ids::CustomerId};

use super::put::show;
use crate::{
    Error,
    customer::{Customer, Scope, store as customers},
    key::Keys,
};

/// The customer `id` without a photo, be it one that was handed in or one that lies elsewhere.
pub async fn remove_photo(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (scope, id): (Scope, CustomerId),
    now: DateTime<Utc>,
) -> Result<Customer, Error> {
    let customer = customers::lock_in(tx, scope, id).await?.ok_or(Error::CustomerNotFound)?;
    show(tx, (call, keys), customer, ("", now)).await
}
