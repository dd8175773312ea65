//! Takes something out of somebody's library, however it came, with what came in it (OR-8).
use kit::{Error as Kit, Tx, audit::json};

use super::{Entry, Item, What, grant::Deed, library::State, store};
use crate::{error::Error, order::words};

/// Reads why.
pub fn reason(given: &str) -> Result<String, Error> {
    let mut faults = Vec::new();
    let reason = words::needed("/reason", given, &mut faults);
    if faults.is_empty() { Ok(reason) } else { Err(Kit::Invalid(faults).into()) }
}

/// Takes `item`, which is held, away. Its links are dead with that. Nothing is done where it is gone already.
pub async fn revoke(tx: &mut Tx, deed: &Deed<'_>, item: &Item, reason: String) -> Result<(), Error> {
    if matches!(item.state(deed.now), State::Revoked | State::Refunded) {
        return Ok(());
    }
    let origins = store::origins(tx, deed.realm, deed.customer).await?;
    let blank = deed.entry((item.store, item.product), What::Revoke)?;
    let entry = Entry { name: item.name.clone(), reason, origins, ..blank };
    deed.carry_out(tx, &entry, ("library.revoked", json!({ "product": item.product.to_string() }))).await
}
