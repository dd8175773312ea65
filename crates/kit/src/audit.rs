//! The audit's entries leave in the transaction of the action they tell of (AD-1): no action without its entry, and none
//! for what did not happen.
//!
//! ```ignore
//! let entry = Entry::new("product.updated", ("product", product.id), now).changed(before, after);
//! audit::record(&mut tx, &call, entry)?;
//! ```
pub use base::audit::{Entry, json};

use crate::{Call, Error, Tx, outbox};

/// Records what whoever sent `call` did. What customers and visitors do themselves is no administrative action and leaves
/// nothing; in their name, somebody else's doing does.
pub fn record(tx: &mut Tx, call: &Call, entry: Entry) -> Result<(), Error> {
    if let Some(told) = entry.told(call.actor()?, &call.client().ip, call.request_id()) {
        outbox::publish(tx, &told);
    }
    Ok(())
}

/// Records what a service did by itself, such as a timed task: say where with [`Entry::within`].
pub fn record_own(tx: &mut Tx, entry: Entry) {
    let told = entry.told_by_service(tx.service());
    outbox::publish(tx, &told);
}
