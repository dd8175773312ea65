//! Closes a cart that became an order (CA-2).
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::timestamp,
    ids::{CartId, CustomerId, OrderId, ProductId, RealmId},
    outbox,
};
use proto::carts::v1::CartClosed;

use crate::{
    Error,
    cart::{Cart, Status},
    store,
};

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
    /// What one of each product cost, in minor units.
    pub prices: HashMap<ProductId, i64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// How often somebody else may change the cart while it is being closed.
const ATTEMPTS: usize = 20;

/// Closes the cart for ever, also one that has expired meanwhile: it was paid for. One that belonged to nobody is the
/// buyer's from now on (CA-3). Its lines keep what was paid and the names of the last change. Repeatable; an unknown cart is none.
pub async fn close_cart(tx: &mut Tx, input: CloseCart) -> Result<(), Error> {
    for _ in 0..ATTEMPTS {
        let Some(mut cart) = store::find(&mut **tx, Some(input.realm), input.cart).await? else { return Ok(()) };
        if cart.status == Status::Closed {
            return Ok(());
        }
        let seen = cart.version;
        close(&mut cart, &input);
        if store::put(&mut **tx, &cart, seen).await? {
            outbox::publish(tx, &closed(&input));
            return Ok(());
        }
    }
    Err(kit::Error::Busy.into())
}

fn close(cart: &mut Cart, input: &CloseCart) {
    cart.status = Status::Closed;
    cart.order = Some(input.order);
    cart.customer = cart.customer.or(Some(input.customer));
    for line in &mut cart.lines {
        line.shown.price = input.prices.get(&line.product).copied().or(line.shown.price);
    }
    cart.version += 1;
    cart.updated_at = input.at;
}

fn closed(input: &CloseCart) -> CartClosed {
    CartClosed {
        realm: input.realm.into(),
        cart: input.cart.into(),
        order: input.order.into(),
        at: Some(timestamp(input.at)),
    }
}
