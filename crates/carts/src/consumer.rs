//! What carts hears of others: an order that was placed closes its cart.
use kit::{
    Error, Tx, clock,
    ids::ProductId,
    inbox::{Consumer, Event},
};
use proto::orders::v1::{OrderPlaced, PlacedLine};

use crate::close::{CloseCart, close_cart};

/// The events that matter to carts.
pub struct Events;

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["orders"];

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        if let Some(placed) = event.read::<OrderPlaced>()?
            && !placed.cart.is_empty()
        {
            close_cart(tx, closing(&placed).ok_or_else(|| malformed(&placed))?).await?;
        }
        Ok(())
    }
}

/// What the event says about the cart; none when it is malformed.
pub(crate) fn closing(placed: &OrderPlaced) -> Option<CloseCart> {
    Some(CloseCart {
        realm: placed.realm.parse().ok()?,
        cart: placed.cart.parse().ok()?,
        order: placed.order.parse().ok()?,
        customer: placed.customer.parse().ok()?,
        prices: placed.lines.iter().map(price).collect::<Option<_>>()?,
        at: clock::datetime(placed.at.as_ref()?)?,
    })
}

/// What one of a product cost.
fn price(line: &PlacedLine) -> Option<(ProductId, i64)> {
    Some((line.product.parse().ok()?, line.subtotal.checked_div(line.quantity.into())?))
}

/// The failure of an event that cannot be read.
pub(crate) fn malformed(placed: &OrderPlaced) -> Error {
    Error::Internal(format!("the event of order {:?} is malformed", placed.order))
}
