//! Queues the confirmation of a placed order. Whom it goes to and what it says is fetched when it is sent.
use chrono::{DateTime, Utc};
use kit::{
    Error, Tx,
    clock::Clock,
    ids::{CustomerId, MessageId, OrderId, RealmId, StoreId},
};
use proto::orders::v1::OrderPlaced;

use crate::{
    message::{Channel, Purpose, Queued},
    store,
    template::Template,
};

/// An order to confirm.
pub struct ConfirmOrder {
    realm: RealmId,
    store: StoreId,
    customer: Option<CustomerId>,
    order: OrderId,
    id: MessageId,
    now: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
}

impl ConfirmOrder {
    /// Reads the event.
    pub fn parse(placed: &OrderPlaced, clock: &Clock) -> Result<Self, Error> {
        let unreadable = |e: kit::ids::InvalidId| Error::Internal(format!("OrderPlaced cannot be read: {e}"));
        let now = clock.now();
        Ok(Self {
            realm: placed.realm.parse().map_err(unreadable)?,
            store: placed.store.parse().map_err(unreadable)?,
            customer: placed.customer.parse().ok(),
            order: placed.order.parse().map_err(unreadable)?,
            id: MessageId::new(now),
            now,
            due: clock.shared(),
        })
    }
}

/// Queues the confirmation, unless the order has one.
pub async fn confirm_order(tx: &mut Tx, input: ConfirmOrder) -> Result<(), Error> {
    let message = Queued {
        realm: input.realm,
        id: input.id,
        store: input.store,
        customer: input.customer,
        channel: Channel::Email,
        template: Template::OrderConfirmation,
        purpose: Purpose::Service,
        campaign: None,
        reference: Some(input.order.into()),
        recipient: None,
        data: std::collections::BTreeMap::new(),
        secrets: None,
        now: input.now,
        due: input.due,
    };
    store::queue(tx, &message).await?;
    Ok(())
}
