//! Closes a cart that became an order (CA-2).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::timestamp,
    ids::{CartId, CustomerId, OrderId, RealmId},
    outbox,
};
use proto::carts::v1::CartClosed;

use crate::{Error, cart::Status, store};

/// The order that a cart became.
pub struct CloseCart {
    /// Its realm.
    pub realm: RealmId,
    /// The cart.
    pub cart: CartId,
    /// The order.
    pub order: OrderId,
    /// Who bought.
    pub customer: CustomerId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Closes the cart for ever, also one that has expired meanwhile: it was paid for. One that belonged to nobody is the
/// buyer's from now on (CA-3). Repeatable; an unknown cart is none.
pub async fn close_cart(tx: &mut Tx, input: CloseCart) -> Result<(), Error> {
    let Some(mut cart) = store::lock(tx, input.realm, input.cart).await? else { return Ok(()) };
    if cart.status == Status::Closed {
        return Ok(());
    }
    cart.status = Status::Closed;
    cart.order = Some(input.order);
    cart.customer = cart.customer.or(Some(input.customer));
    cart.version += 1;
    cart.updated_at = input.at;
    store::update(&mut **tx, &cart).await?;
    let closed = CartClosed {
        realm: cart.realm.into(),
        cart: cart.id.into(),
        order: input.order.into(),
        at: Some(timestamp(input.at)),
    };
    Ok(outbox::publish(tx, &closed).await?)
}
