//! Merges the cart of a guest into that of the customer who they turned out to be (CA-9).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, StoreId},
    outbox,
};

use super::store;
use crate::{
    Error,
    cart::Cart,
    holder,
    store::{find, put},
};

/// A cart to merge.
#[derive(Debug)]
pub struct MergeGuest {
    /// As it was read.
    pub guest: Cart,
    /// Who signed in.
    pub customer: CustomerId,
    /// With the key of which store.
    pub store: Option<StoreId>,
    /// When.
    pub now: DateTime<Utc>,
}

/// What became of a guest's cart.
#[derive(Debug)]
pub struct Merged {
    /// The customer's cart.
    pub cart: Cart,
    /// Whether it is another one that took the lines of the guest's.
    pub into_another: bool,
}

/// Merges `input.guest`; none when somebody else changed one of the carts meanwhile. Repeatable: what was merged stays so.
/// Of several sign-ins of one customer at once, each sees what the one before has done.
pub async fn merge_guest(tx: &mut Tx, input: &MergeGuest) -> Result<Option<Merged>, Error> {
    let MergeGuest { guest, customer, now, .. } = input;
    let is_theirs = |cart: &Cart| cart.claimed && cart.customer == Some(*customer);
    if let Some(into) = guest.merged_into {
        let own = find(&mut **tx, Some(guest.realm), into).await?.filter(is_theirs);
        return own.map(|cart| Some(Merged { cart, into_another: true })).ok_or(Error::CartNotFound);
    }
    guest.check_claim(Some(*customer))?;
    guest.check_open(*now)?;
    if is_theirs(guest) {
        return Ok(Some(Merged { cart: guest.clone(), into_another: false }));
    }
    store::lock(tx, guest.realm, *customer).await?;
    let place = (guest.store().or(input.store), guest.id);
    match store::own(tx, (guest.realm, *customer), place, *now).await? {
        // Nothing to bring along.
        Some(cart) if guest.lines.is_empty() => Ok(Some(Merged { cart, into_another: false })),
        Some(own) => into(tx, input, own).await,
        None => hand_over(tx, input).await,
    }
}

/// Moves what the guest has into the customer's `own` cart.
async fn into(tx: &mut Tx, input: &MergeGuest, mut own: Cart) -> Result<Option<Merged>, Error> {
    let (seen, holder) = (own.version, own.holder());
    own.take_from(&input.guest)?;
    own.touch(input.now);
    if !put(&mut **tx, &own, seen).await? || !store::end(tx, &input.guest, own.id, input.now).await? {
        return Ok(None);
    }
    outbox::publish(tx, &own.changed());
    holder::tell(tx, holder, &own);
    outbox::publish(tx, &input.guest.merged(&own, input.now));
    let mut gone = input.guest.clone();
    gone.empty();
    gone.touch(input.now);
    holder::tell(tx, input.guest.holder(), &gone);
    Ok(Some(Merged { cart: own, into_another: true }))
}

/// Makes the guest's cart that of the customer, who has none.
async fn hand_over(tx: &mut Tx, input: &MergeGuest) -> Result<Option<Merged>, Error> {
    let mut cart = input.guest.clone();
    cart.go_to(input.customer);
    cart.touch(input.now);
    if !put(&mut **tx, &cart, input.guest.version).await? {
        return Ok(None);
    }
    outbox::publish(tx, &cart.changed());
    holder::tell(tx, input.guest.holder(), &cart);
    Ok(Some(Merged { cart, into_another: false }))
}
