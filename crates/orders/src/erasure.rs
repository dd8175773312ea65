//! What the service does when somebody is erased (CU-15): their subscriptions end, Stripe is to forget
//! their cards, then what its list says.
use holdings::{Person, Table, work::Forgetter};
use kit::{Error, Tx, clock::Clock};

use crate::{payment::stripe::departure, subscription::settled};

/// Ends subscriptions, and has Stripe forget, at the present.
pub struct Erasure {
    /// Time.
    pub clock: Clock,
}

impl Forgetter for Erasure {
    const TABLES: &'static [Table] = crate::holdings::TABLES;

    async fn prepare(&self, tx: &mut Tx, person: &mut Person) -> Result<(), Error> {
        let (whose, now) = ((person.realm, person.customer), self.clock.now());
        settled::end_all(tx, whose, now).await?;
        departure::store::depart(tx, whose, (&self.clock, now)).await
    }
}
