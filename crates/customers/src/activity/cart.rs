//! Remembers whose open carts there are (CU-4).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CartId, CustomerId, RealmId, StoreId},
};

use super::store;
use crate::{Error, customer::store as record};

/// A cart that somebody has, or no longer has, as an event tells of it.
#[derive(Clone, Debug)]
pub struct HeldCart {
    /// The customer base.
    pub realm: RealmId,
    /// Its id.
    pub id: CartId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Where they buy, once that is known.
    pub store: Option<StoreId>,
    /// Whether it is open and something is in it.
    pub held: bool,
    /// What tells which of two events is the later one.
    pub version: i64,
}

/// Takes `cart` into account, heard of at `now`, unless something later is known of it.
pub async fn record_cart(tx: &mut Tx, cart: HeldCart, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(mut customer) = record::lock(tx, cart.realm, cart.customer).await? else { return Ok(()) };
    let cart = HeldCart { customer: customer.id, ..cart };
    if let Some(store) = cart.store {
        store::know(tx, (cart.realm, store, customer.id)).await?;
    }
    if store::put_cart(tx, &cart).await? {
        customer.touch(now);
        record::save(tx, &customer).await?;
    }
    Ok(())
}
