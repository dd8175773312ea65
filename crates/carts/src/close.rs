//! Closes carts that became orders (CA-2).
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::timestamp,
    ids::{CartId, CustomerId, OrderId, RealmId, StoreId},
    outbox,
};
use proto::carts::v1::CartClosed;

use crate::{
    Error,
    cart::Item,
    offer::Taxed,
    priced::{Bought, Delivered},
    store,
};

/// The order that a cart became.
#[derive(Clone, Debug)]
pub struct CloseCart {
    /// Its realm.
    pub realm: RealmId,
    /// The cart.
    pub cart: CartId,
    /// Where it was bought.
    pub store: Option<StoreId>,
    /// The order.
    pub order: OrderId,
    /// Who bought.
    pub customer: CustomerId,
    /// What was paid for each line, in their order.
    pub prices: Vec<(Item, Paid)>,
    /// What was taken off, and why.
    pub discounts: Vec<Bought>,
    /// How it was shipped; none where nothing was.
    pub delivered: Option<Delivered>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What was paid for a line, in minor units.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// For one, before anything was taken off.
    pub price: i64,
    /// Taken off the line.
    pub discount: i64,
    /// What the state took of the line.
    pub taxed: Taxed,
}

impl CloseCart {
    /// Of each line, which it is of those about the same: a product may be given to several people.
    pub fn places(&self) -> impl Iterator<Item = i64> {
        let mut seen: HashMap<Item, i64> = HashMap::new();
        self.prices.iter().map(move |(item, _)| {
            let next = seen.entry(*item).or_default();
            std::mem::replace(next, *next + 1)
        })
    }

    /// The event that it was closed.
    #[must_use]
    pub fn closed(&self) -> CartClosed {
        CartClosed {
            realm: self.realm.into(),
            cart: self.cart.into(),
            order: self.order.into(),
            at: Some(timestamp(self.at)),
            store: self.store.map(String::from).unwrap_or_default(),
        }
    }
}

/// Closes carts for ever, also those that have expired meanwhile: they were paid for. One that belonged to nobody is the
/// buyer's from now on (CA-3). Lines keep what was paid and the names of the last change. Repeatable; an unknown cart is
/// none. Answers the carts that were closed by this.
pub async fn close_carts(tx: &mut Tx, sold: &[CloseCart]) -> Result<Vec<CartId>, Error> {
    if sold.is_empty() {
        return Ok(Vec::new());
    }
    let closed = store::close(&mut **tx, sold).await?;
    for held in closed.iter().filter_map(|(_, held)| held.as_ref()) {
        outbox::publish(tx, &held.changed());
    }
    Ok(closed.into_iter().map(|(cart, _)| cart).collect())
}
