//! Changes an open cart as it was read: every change counts a version and is told once, and none is made to a cart
//! that somebody else has changed meanwhile.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, outbox};

use crate::{Error, cart::Cart, store};

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
    edit(&mut cart)?;
    if let Some(customer) = change.call.actor()?.customer() {
        cart.claim(customer);
    }
    cart.touch(change.now);
    if !store::put(&mut **tx, &cart, seen).await? {
        return Ok(None);
    }
    outbox::publish(tx, &cart.changed());
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
    Ok(Some(cart))
}
