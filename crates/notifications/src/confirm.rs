//! Word of an order that was placed. Whom it goes to and what it says is fetched when it is sent.
use std::collections::BTreeMap;

use kit::{
    Error,
    clock::Clock,
    ids::{InvalidId, MessageId, OrderId},
};
use proto::orders::v1::OrderPlaced;

use crate::{
    message::{Channel, Purpose, Queued},
    template::Template,
};

/// The confirmation of an order that was placed.
pub fn confirmation(placed: &OrderPlaced, clock: &Clock) -> Result<Queued, Error> {
    let unreadable = |e: InvalidId| Error::Internal(format!("OrderPlaced cannot be read: {e}"));
    let (now, order) = (clock.now(), placed.order.parse::<OrderId>().map_err(unreadable)?);
    Ok(Queued {
        realm: placed.realm.parse().map_err(unreadable)?,
        id: MessageId::new(now),
        store: placed.store.parse().map_err(unreadable)?,
        customer: placed.customer.parse().ok(),
        channel: Channel::Email,
        template: Template::OrderConfirmation,
        purpose: Purpose::Service,
        campaign: None,
        reference: Some(order.into()),
        recipient: None,
        data: BTreeMap::new(),
        secrets: None,
        now,
        due: clock.shared(),
    })
}
