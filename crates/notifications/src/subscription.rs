//! Queues word of subscriptions to their customers (OR-7). Whom it goes to and what it says is fetched when it is sent.
use kit::{Error, Tx, clock::Clock, inbox::Event};
use proto::orders::v1::{SubscriptionChanged, SubscriptionEnded, SubscriptionPastDue, SubscriptionRenewalUpcoming};

use crate::{
    order::{Word, queued},
    store,
    template::Template,
};

/// Queues what `event` tells a customer; whether anything. Repeatable.
pub async fn tell(tx: &mut Tx, event: &Event, clock: &Clock) -> Result<bool, Error> {
    let Some(word) = word(event)? else { return Ok(false) };
    store::queue(tx, &queued(word, clock)?).await?;
    Ok(true)
}

/// Each is told once: the version of the subscription says which change it was.
fn word(event: &Event) -> Result<Option<Word>, Error> {
    let about = |whose: [String; 3], template, subscription: &str, version: i64| {
        Some(Word { whose, template, reference: format!("{subscription} {version}"), notify: true })
    };
    Ok(if let Some(e) = event.read::<SubscriptionRenewalUpcoming>()? {
        about([e.realm, e.store, e.customer], Template::SubscriptionUpcoming, &e.subscription, e.version)
    } else if let Some(e) = event.read::<SubscriptionPastDue>()? {
        about([e.realm, e.store, e.customer], Template::SubscriptionPastDue, &e.subscription, e.version)
    } else if let Some(e) = event.read::<SubscriptionEnded>()? {
        // One that was cancelled was told of then.
        let expired = e.status == "expired";
        about([e.realm, e.store, e.customer], Template::SubscriptionExpired, &e.subscription, e.version)
            .filter(|_| expired)
    } else if let Some(e) = event.read::<SubscriptionChanged>()? {
        let template = match e.change.as_str() {
            "paused" => Template::SubscriptionPaused,
            "resumed" => Template::SubscriptionResumed,
            "cancelled" => Template::SubscriptionCancelled,
            _ => return Ok(None),
        };
        about([e.realm, e.store, e.customer], template, &e.subscription, e.version)
    } else {
        None
    })
}
