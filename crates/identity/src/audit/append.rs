//! Adds what a service told to its chain.
use std::collections::HashSet;

use kit::{Tx, reads};

use super::{Entry, chain::Place, store};
use crate::Error;

/// Appends `entry` to the chain of its realm. Writers wait for each other, so that every entry follows on the one before;
/// of a reading of personal data, only those customers are named whom nobody has told of in this minute yet.
pub async fn append(tx: &mut Tx, mut entry: Entry) -> Result<(), Error> {
    store::lock(tx).await?;
    if entry.action == reads::ACTION {
        let known: HashSet<_> = store::read_in_minute(tx, &entry).await?.into_iter().collect();
        entry.customers.retain(|customer| !known.contains(customer));
        if entry.customers.is_empty() {
            return Ok(());
        }
        if let [one] = entry.customers.as_slice() {
            entry.target = kit::ids::CustomerId::from_uuid(*one).to_string();
        }
    }
    let end = store::end(&mut **tx, entry.realm_id).await?.unwrap_or(Place::START);
    entry.number = end.number + 1;
    entry.hash = entry.hash_behind(&end.hash).to_vec();
    entry.previous = end.hash.to_vec();
    store::insert(tx, &entry).await
}
