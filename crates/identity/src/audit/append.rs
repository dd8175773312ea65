//! Adds what services told to their chains.
use kit::{Tx, ids::CustomerId, reads};
use uuid::Uuid;

use super::{
    Entry,
    chain::Place,
    store::{self, Read},
};
use crate::Error;

/// Appends `entries` to the chains of their realms. Writers wait for each other, so that every entry follows on the one
/// before: a batch of events is added as a whole, since what each entry asked for itself the others would wait for.
pub async fn append(tx: &mut Tx, entries: Vec<Entry>) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    store::lock(tx).await?;
    let mut entries = once_a_minute(tx, entries).await?;
    if entries.is_empty() {
        return Ok(());
    }
    let realms: Vec<Uuid> = entries.iter().map(|entry| entry.realm_id.uuid()).collect();
    let mut ends = store::ends(&mut **tx, &realms).await?;
    for entry in &mut entries {
        let end = ends.entry(entry.realm_id).or_insert(Place::START);
        entry.number = end.number + 1;
        entry.previous = end.hash.to_vec();
        *end = Place { number: entry.number, hash: entry.hash_behind(&end.hash) };
        entry.hash = end.hash.to_vec();
    }
    store::insert(tx, &entries, &ends.into_iter().collect::<Vec<_>>()).await
}

/// Of readings of personal data only those customers stay whom nobody has told of in that minute yet.
async fn once_a_minute(tx: &mut Tx, mut entries: Vec<Entry>) -> Result<Vec<Entry>, Error> {
    let read: Vec<Read> = entries.iter().filter(|entry| entry.action == reads::ACTION).flat_map(reads_of).collect();
    if read.is_empty() {
        return Ok(entries);
    }
    let mut fresh = store::note_reads(tx, &read).await?;
    for entry in entries.iter_mut().filter(|entry| entry.action == reads::ACTION) {
        let news: Vec<Uuid> =
            reads_of(entry).filter(|read| fresh.remove(read)).map(|(.., customer)| customer).collect();
        if let [one] = news.as_slice() {
            entry.target = CustomerId::from_uuid(*one).to_string();
        }
        entry.customers = news;
    }
    entries.retain(|entry| entry.action != reads::ACTION || !entry.customers.is_empty());
    Ok(entries)
}

fn reads_of(entry: &Entry) -> impl Iterator<Item = Read> {
    let minute = entry.at.timestamp().div_euclid(60);
    let of = move |customer: &Uuid| {
        (entry.realm_id.uuid(), entry.actor_id.clone(), entry.impersonator_id.clone(), minute, *customer)
    };
    entry.customers.iter().map(of)
}
