//! An entry of the ledger.
use kit::ids::TransactionId;

/// What is told of a payment in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Id.
    pub id: TransactionId,
    /// Whether money moved.
    pub succeeded: bool,
    /// The gateway's own name for it; may be empty.
    pub reference: &'a str,
    /// A sentence about it.
    pub description: &'a str,
}
