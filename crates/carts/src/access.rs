//! Whose carts are whose, and who sees the person behind one (ID-23, ID-30).
use kit::{
    actor::{Actor, Kind},
    denied::Denied,
    permission::Permission,
};

use crate::{
    Error,
    cart::{Cart, Front},
};

/// How much of the person behind a cart an actor sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// All of it.
    Clear,
    /// Masked (ID-23).
    Masked,
    /// Nothing: the id of a cart lets one fill it, not learn whose it is.
    Hidden,
}

/// The key that `actor` comes with.
pub fn front(actor: &Actor) -> Result<Front, Denied> {
    Ok(Front { realm: actor.realm()?, store: actor.store })
}

/// Whether `actor` is a shop front, with or without a signed-in customer.
#[must_use]
pub fn is_shop_front(actor: &Actor) -> bool {
    matches!(actor.kind, Kind::Anonymous | Kind::Customer)
}

/// Passes for shop fronts and services, and for staff who may see carts.
pub fn check_read(actor: &Actor) -> Result<(), Denied> {
    check(actor, Permission::CartsRead)
}

/// Passes for shop fronts and services, and for staff who may change carts.
pub fn check_write(actor: &Actor) -> Result<(), Denied> {
    check(actor, Permission::CartsWrite)
}

fn check(actor: &Actor, permission: Permission) -> Result<(), Denied> {
    match actor.kind {
        Kind::Anonymous | Kind::Customer | Kind::System => Ok(()),
        Kind::Staff | Kind::ApiKey => actor.require(permission),
        Kind::Shopper => Err(Denied::WrongCaller),
    }
}

/// Whether `cart`, of the actor's realm, is within their reach: of their store, or of no store yet. For shop fronts
/// the id is the rest of what they have to know.
#[must_use]
pub fn reaches(actor: &Actor, cart: &Cart) -> bool {
    match (actor.store, cart.store()) {
        (None, _) => true,
        (Some(own), Some(store)) => own == store,
        (Some(_), None) => is_shop_front(actor),
    }
}

/// Passes when `actor` may say whose `cart` is: a shop front may not take it from a customer who was signed in.
pub fn check_owner(actor: &Actor, cart: &Cart) -> Result<(), Error> {
    if is_shop_front(actor) { cart.check_claim(actor.customer()) } else { Ok(()) }
}

/// How much of the person behind `cart` an actor sees.
#[must_use]
pub fn person(actor: &Actor, cart: &Cart) -> Person {
    if actor.sees_pii() || (cart.customer.is_some() && actor.customer() == cart.customer) {
        Person::Clear
    } else if actor.is_staff() {
        Person::Masked
    } else {
        Person::Hidden
    }
}
