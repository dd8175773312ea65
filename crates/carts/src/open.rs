//! Opens a cart.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    attribution::Attribution,
    clock::timestamp,
    ids::{CartId, CustomerId},
    money::Currency,
    outbox,
};
use proto::carts::v1::CartOpened;

use crate::{
    Error,
    cart::{Cart, Front, Status, expiry},
    name::ClientKey,
    store,
};

/// A cart to open.
pub struct OpenCart {
    /// With whose key.
    pub front: Front,
    /// Currency of the front's store, when it is one.
    pub currency: Option<Currency>,
    /// The client's own key.
    pub key: Option<ClientKey>,
    /// The customer who is signed in.
    pub customer: Option<CustomerId>,
    /// What brought it about, as far as it is known.
    pub attribution: Attribution,
    /// When.
    pub now: DateTime<Utc>,
}

impl OpenCart {
    /// Passes unless another currency is asked for than the store's.
    pub fn check_currency(&self, asked: &str) -> Result<(), Error> {
        let own = self.currency.is_some_and(|currency| currency.code() == asked);
        if asked.is_empty() || own { Ok(()) } else { Err(Error::OtherCurrency) }
    }
}

/// Opens a cart. An open cart with the same key is [`Error::ClientKeyTaken`]; an expired one gives the key up.
pub async fn open_cart(tx: &mut Tx, input: OpenCart) -> Result<Cart, Error> {
    let OpenCart { front, now, .. } = input;
    if let Some(key) = &input.key
        && let Some(expired) = store::free_key(&mut **tx, front, key, now).await?
    {
        outbox::publish(tx, &expired.expired());
        if let Some(held) = expired.let_go(now) {
            outbox::publish(tx, &held.changed());
        }
    }
    let cart = Cart {
        id: CartId::new(now),
        realm: front.realm,
        front: front.id(),
        client_key: input.key,
        shop: front.store.zip(input.currency),
        customer: input.customer,
        claimed: input.customer.is_some(),
        status: Status::Open,
        order: None,
        merged_into: None,
        contact: None,
        lines: Vec::new(),
        codes: Vec::new(),
        discounts: Vec::new(),
        method: None,
        delivered: None,
        attribution: input.attribution,
        version: 1,
        expires_at: expiry(now, input.customer.is_some()),
        created_at: now,
        updated_at: now,
    };
    store::insert(&mut **tx, &cart).await?;
    let opened = CartOpened { realm: cart.realm.into(), cart: cart.id.into(), at: Some(timestamp(now)) };
    outbox::publish(tx, &opened);
    Ok(cart)
}
