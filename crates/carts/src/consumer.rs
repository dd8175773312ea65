//! What carts hears of others: an order that was placed closes its cart and fulfils wishes, carts follow customers who were merged, and
//! somebody who was erased is forgotten.
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::{self, Clock},
    inbox::{Consumer, Event},
    outbox,
};
use proto::orders::v1::{AppliedDiscount, Delivery, OrderPlaced, PlacedLine};

use crate::{
    cart::Item,
    close::{CloseCart, Paid, close_carts},
    merge::follow_merge,
    offer::Taxed,
    priced::{Bought, Delivered},
    wish::bought::note_bought,
};

/// The events that matter to carts.
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["orders", "customers"];

    fn events(source: &str) -> &'static [&'static str] {
        if source == "customers" { &["*.CustomerErased", "*.CustomersMerged"] } else { &["*.OrderPlaced"] }
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let (mut sold, mut spans) = (Vec::new(), Vec::new());
        for event in events {
            if let Some(placed) = event.read::<OrderPlaced>()?
                && !placed.cart.is_empty()
            {
                sold.push(closing(&placed).ok_or_else(|| malformed(&placed))?);
                spans.push(event.span());
            } else if let Some(merge) = Merge::read(event)? {
                follow_merge(tx, &merge, self.clock.now()).await?;
            } else {
                holdings::hear(tx, event, &self.clock).await?;
            }
        }
        note_bought(tx, &sold).await?;
        let closed = close_carts(tx, &sold).await?;
        for (cart, span) in sold.iter().zip(spans) {
            if closed.contains(&cart.cart) {
                span.in_scope(|| outbox::publish(tx, &cart.closed()));
            }
        }
        Ok(())
    }
}

/// What the event says about the cart; none when it is malformed.
pub(crate) fn closing(placed: &OrderPlaced) -> Option<CloseCart> {
    Some(CloseCart {
        realm: placed.realm.parse().ok()?,
        cart: placed.cart.parse().ok()?,
        store: placed.store.parse().ok(),
        order: placed.order.parse().ok()?,
        customer: placed.customer.parse().ok()?,
        prices: placed.lines.iter().map(price).collect::<Option<_>>()?,
        discounts: placed.discounts.iter().map(bought).collect(),
        delivered: placed.delivery.clone().map(delivered),
        at: clock::datetime(placed.at.as_ref()?)?,
    })
}

/// What was paid for a product.
fn price(line: &PlacedLine) -> Option<(Item, Paid)> {
    let plan = match &line.plan {
        Some(plan) => Some(plan.id.parse().ok()?),
        None => None,
    };
    let PlacedLine { tax, included_tax, tax_rate: rate, tax_included: included, .. } = *line;
    let taxed = Taxed { tax, included_tax, rate, included };
    let paid = Paid { price: line.subtotal.checked_div(line.quantity.into())?, discount: line.discount, taxed };
    Some(((line.product.parse().ok()?, plan), paid))
}

fn bought(discount: &AppliedDiscount) -> Bought {
    let AppliedDiscount { promotion, name, code, amount } = discount.clone();
    Bought { promotion, name, code, amount }
}

fn delivered(delivery: Delivery) -> Delivered {
    let Delivery { method, name, price, tax, included_tax, tax_rate: rate } = delivery;
    Delivered { method, name, price, tax, included_tax, rate }
}

/// The failure of an event that cannot be read.
pub(crate) fn malformed(placed: &OrderPlaced) -> Error {
    Error::Internal(format!("the event of order {:?} is malformed", placed.order))
}
