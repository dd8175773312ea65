//! What the audit is told of a record.
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
};
use serde_json::Value;

use crate::{Error, customer::Customer, key::Keys};

/// The fields that staff change.
#[must_use]
pub fn told(customer: &Customer) -> Value {
    json!({
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "username": customer.username,
        "photo_url": customer.photo_url,
        "business": customer.business,
        "fax": customer.fax,
        "contacts": customer.contacts,
        "language": customer.language,
        "meta": customer.meta,
        "library_all": customer.library_all,
        "directory": customer.directory,
        "tags": customer.tags,
        "status": customer.status.slug(),
    })
}

/// Records `entry` about `customer`, sealed with their key: no action without its entry.
pub async fn record(tx: &mut Tx, (call, keys): (&Call, &Keys), customer: &Customer, entry: Entry) -> Result<(), Error> {
    if !call.actor()?.is_administrative() {
        return Ok(());
    }
    let entry = match keys.key(tx, (customer.realm, customer.id), customer.updated_at).await? {
        Some(key) => entry.sealed_by(&key),
        None => entry.about(customer.id),
    };
    Ok(audit::record(tx, call, entry)?)
}
