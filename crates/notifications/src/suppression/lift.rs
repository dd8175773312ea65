//! Lets marketing go to an address again.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    ids::SuppressionId,
};

use super::{Suppression, store};
use crate::error::Error;

/// Takes the suppression `id` away: what comes back again makes another one.
pub async fn lift(tx: &mut Tx, call: &Call, id: SuppressionId, now: DateTime<Utc>) -> Result<Suppression, Error> {
    let actor = call.actor()?;
    let place = (actor.realm()?, actor.store);
    let lifted = store::remove(tx, place, id).await?.ok_or(Error::SuppressionNotFound)?;
    let entry = Entry::new("suppression.lifted", ("suppression", id), now);
    let entry = entry.removed(json!({ "channel": lifted.channel.slug(), "cause": lifted.cause }));
    audit::record(
        tx,
        call,
        match lifted.customer_id {
            Some(customer) => entry.about(customer),
            None => entry,
        },
    )?;
    Ok(lifted)
}
