//! What the service does when somebody is erased (CU-15): what its list says.
use holdings::{Table, work::Forgetter};

/// Nothing beyond the list.
pub struct Erasure;

impl Forgetter for Erasure {
    const TABLES: &'static [Table] = crate::holdings::TABLES;
}
