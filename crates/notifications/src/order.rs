//! Queues word of orders to their customers (OR-2, OR-5): what left the house, that one was called off, money that went
//! back. Whom it goes to and what it says is fetched when it is sent.
use kit::{
    Error, Tx,
    clock::Clock,
    ids::{InvalidId, MessageId},
    inbox::Event,
};
use proto::orders::v1::{OrderCancelled, OrderFulfilled, PaymentRefunded};

use crate::{
    message::{Channel, Purpose, Queued},
    store,
    template::Template,
};

/// What there is to tell.
pub struct Word {
    /// Realm, store, customer.
    pub whose: [String; 3],
    /// How.
    pub template: Template,
    /// The order, and the shipment or refund.
    pub reference: String,
    /// Whether it is to be told at all.
    pub notify: bool,
}

/// Queues what `event` tells a customer; whether it is about an order. Repeatable.
pub async fn tell(tx: &mut Tx, event: &Event, clock: &Clock) -> Result<bool, Error> {
    let word = if let Some(sent) = event.read::<OrderFulfilled>()? {
        let OrderFulfilled { realm, store, customer, order, shipment, notify, .. } = sent;
        let reference = format!("{order} {shipment}");
        Word { whose: [realm, store, customer], template: Template::OrderSent, reference, notify }
    } else if let Some(cancelled) = event.read::<OrderCancelled>()? {
        let OrderCancelled { realm, store, customer, order, notify, .. } = cancelled;
        Word { whose: [realm, store, customer], template: Template::OrderCancelled, reference: order, notify }
    } else if let Some(refunded) = event.read::<PaymentRefunded>()? {
        let PaymentRefunded { realm, store, customer, order, refund, notify, .. } = refunded;
        let reference = format!("{order} {refund}");
        Word { whose: [realm, store, customer], template: Template::OrderRefunded, reference, notify }
    } else {
        return Ok(false);
    };
    if word.notify {
        store::queue(tx, &queued(word, clock)?).await?;
    }
    Ok(true)
}

/// The message that tells it.
pub fn queued(word: Word, clock: &Clock) -> Result<Queued, Error> {
    let unreadable = |e: InvalidId| Error::Internal(format!("word of an order cannot be read: {e}"));
    let ([realm, store, customer], now) = (word.whose, clock.now());
    Ok(Queued {
        realm: realm.parse().map_err(unreadable)?,
        id: MessageId::new(now),
        store: store.parse().map_err(unreadable)?,
        customer: Some(customer.parse().map_err(unreadable)?),
        channel: Channel::Email,
        template: word.template,
        purpose: Purpose::Service,
        campaign: None,
        reference: Some(word.reference),
        recipient: None,
        data: std::collections::BTreeMap::new(),
        secrets: None,
        now,
        due: clock.shared(),
    })
}
