//! What the service does when somebody is erased (CU-15): their subscriptions end, then what its list says.
use holdings::{Person, Table, work::Forgetter};
use kit::{Error, Tx, clock::Clock};

use crate::subscription::settled;

/// Ends subscriptions at the present.
pub struct Erasure {
    /// Time.
    pub clock: Clock,
}

impl Forgetter for Erasure {
    const TABLES: &'static [Table] = crate::holdings::TABLES;

    async fn prepare(&self, tx: &mut Tx, person: &mut Person) -> Result<(), Error> {
        Ok(settled::end_all(tx, (person.realm, person.customer), self.clock.now()).await?)
    }
}
