//! The audit's entries leave in the transaction of the action they tell of (AD-1): no action without its entry, and none
//! for what did not happen.
//!
//! ```ignore
//! let entry = Entry::new("product.updated", ("product", product.id), now).changed(before, after);
//! audit::record(&mut tx, &call, entry)?;
//! ```
pub use base::audit::{Entry, canonical, json};

use proto::base::v1::AuditedPerson;

use crate::{Call, Error, Tx, outbox, telemetry};

/// Records what whoever sent `call` did. What customers and visitors do themselves is no administrative action and leaves
/// nothing; in their name, somebody else's doing does.
pub fn record(tx: &mut Tx, call: &Call, entry: Entry) -> Result<(), Error> {
    if let Some(told) = entry.told(call.actor()?, &call.client().ip, call.request_id()) {
        outbox::publish(tx, &told);
    }
    Ok(())
}

/// Records what a service did by itself, such as a timed task, or when it heard of an event: say where with
/// [`Entry::within`]. What came of somebody acting in a customer's name is recorded under that person, too (ID-25).
pub fn record_own(tx: &mut Tx, entry: Entry) {
    let mut told = entry.told_by_service(tx.service());
    if let Some([kind, id, session]) = telemetry::acting() {
        (told.impersonator, told.session) = (Some(AuditedPerson { kind, id }), session);
    }
    outbox::publish(tx, &told);
}
