//! Queues word of a gift to whom it is for (OR-1), once the money is there. Where it goes and what it says is fetched when it
//! is sent.
use kit::{Error, Tx, clock::Clock, inbox::Event};
use proto::orders::v1::GiftGiven;

use crate::{
    order::{Word, queued},
    store,
    template::Template,
};

/// Queues what `event` tells whoever was given something; whether it is about a gift. Repeatable.
pub async fn tell(tx: &mut Tx, event: &Event, clock: &Clock) -> Result<bool, Error> {
    let Some(GiftGiven { realm, store, order, line, customer, notify, .. }) = event.read()? else { return Ok(false) };
    let reference = format!("{order} {line}");
    let word = Word { whose: [realm, store, customer], template: Template::GiftReceived, reference, notify };
    if word.notify {
        store::queue(tx, &queued(word, clock)?).await?;
    }
    Ok(true)
}
