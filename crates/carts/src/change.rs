//! Changes an open cart as it was read: every change counts a version and is told once, and none is made to a cart
//! that somebody else has changed meanwhile.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    outbox,
};
use serde_json::Value;

use crate::{Error, attribution::agent, cart::Cart, holder, store};

/// Who changes a cart, and when.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// The call, which may name a version.
    pub call: &'a Call,
    /// When.
    pub now: DateTime<Utc>,
}

impl Change<'_> {
    /// Passes when `cart` can change, and has not changed since the caller saw it.
    pub fn check(&self, cart: &Cart) -> Result<(), Error> {
        cart.check_open(self.now)?;
        Ok(self.call.check_version(cart.version)?)
    }

    /// What the audit is told of `cart`; nothing of what shoppers do themselves.
    fn told(&self, cart: &Cart) -> Result<Value, Error> {
        let administrative = self.call.actor()?.is_administrative();
        Ok(if administrative { cart.told() } else { Value::Null })
    }

    /// Records that `cart` was changed, or deleted when there is nothing `after`.
    fn record(&self, tx: &mut Tx, cart: &Cart, before: Value, after: Value) -> Result<(), Error> {
        if !self.call.actor()?.is_administrative() {
            return Ok(());
        }
        let entry = |action| {
            let entry = Entry::new(action, ("cart", cart.id), self.now);
            cart.customer.into_iter().fold(entry, Entry::about)
        };
        let entry = match after {
            Value::Null => entry("cart.deleted").removed(before),
            after => entry("cart.updated").changed(before, after),
        };
        Ok(audit::record(tx, self.call, entry)?)
    }
}

/// Changes `cart` by `edit`; `None` when somebody else was quicker. A cart that nobody owns becomes that of the customer
/// who changes it.
pub async fn change_cart(
    tx: &mut Tx,
    change: Change<'_>,
    mut cart: Cart,
    edit: impl FnOnce(&mut Cart) -> Result<(), Error>,
) -> Result<Option<Cart>, Error> {
    change.check(&cart)?;
    let seen = cart.version;
    let (before, holder) = (change.told(&cart)?, cart.holder());
    edit(&mut cart)?;
    if let Some(customer) = change.call.actor()?.customer() {
        cart.claim(customer);
    }
    if let Some(agent) = agent(change.call.actor()?) {
        cart.attribution.worked_on_by(agent);
    }
    cart.touch(change.now);
    if !store::put(&mut **tx, &cart, seen).await? {
        return Ok(None);
    }
    outbox::publish(tx, &cart.changed());
    holder::tell(tx, holder, &cart);
    change.record(tx, &cart, before, change.told(&cart)?)?;
    Ok(Some(cart))
}

/// Deletes the open `cart` and answers it as it was; `None` when somebody else was quicker.
pub async fn delete_cart(tx: &mut Tx, change: Change<'_>, cart: Cart) -> Result<Option<Cart>, Error> {
    change.check(&cart)?;
    if !store::delete(&mut **tx, &cart).await? {
        return Ok(None);
    }
    let mut gone = cart.clone();
    gone.empty();
    gone.touch(change.now);
    outbox::publish(tx, &gone.changed());
    holder::tell(tx, cart.holder(), &gone);
    change.record(tx, &cart, change.told(&cart)?, Value::Null)?;
    Ok(Some(cart))
}
