//! Changes an open cart: every change locks it, counts a version and is told once.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    ids::{CartId, RealmId},
    outbox,
};

use crate::{Error, cart::Cart, store};

/// The cart that a call wants to change.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The call, which may name a version.
    pub call: &'a Call,
    /// Its realm.
    pub realm: RealmId,
    /// Its id.
    pub id: CartId,
    /// When.
    pub now: DateTime<Utc>,
}

impl Target<'_> {
    /// Passes when `cart` can change, and has not changed since the caller saw it.
    pub fn check(&self, cart: &Cart) -> Result<(), Error> {
        cart.check_open(self.now)?;
        Ok(self.call.check_version(cart.version)?)
    }

    async fn lock(&self, tx: &mut Tx) -> Result<Cart, Error> {
        let cart = store::lock(tx, self.realm, self.id).await?.ok_or(Error::CartNotFound)?;
        self.check(&cart)?;
        Ok(cart)
    }
}

/// Changes a cart by `edit`. A cart that nobody owns becomes that of the customer who changes it.
pub async fn change_cart(
    tx: &mut Tx,
    target: Target<'_>,
    edit: impl FnOnce(&mut Cart) -> Result<(), Error>,
) -> Result<Cart, Error> {
    let mut cart = target.lock(tx).await?;
    let lines = cart.lines.clone();
    edit(&mut cart)?;
    if let Some(customer) = target.call.actor()?.customer() {
        cart.claim(customer);
    }
    cart.touch(target.now);
    store::update(&mut **tx, &cart).await?;
    if cart.lines != lines {
        store::replace_lines(&mut **tx, &cart).await?;
    }
    outbox::publish(tx, &cart.changed()).await?;
    Ok(cart)
}

/// Deletes an open cart and answers it as it was.
pub async fn delete_cart(tx: &mut Tx, target: Target<'_>) -> Result<Cart, Error> {
    let cart = target.lock(tx).await?;
    store::delete(&mut **tx, &cart).await?;
    let mut gone = cart.clone();
    gone.empty();
    gone.touch(target.now);
    outbox::publish(tx, &gone.changed()).await?;
    Ok(cart)
}
