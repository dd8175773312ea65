//! Whose data a request is about, when staff and customers both may ask for it (ID-30).
use kit::{actor::Actor, ids::CustomerId, permission::Permission};

use super::{Customer, Scope};
use crate::Error;

/// The customer `id` for `actor`, and where: one's own for customers, for everybody else with all of `permissions`.
/// Whether there is such a customer is not looked at.
pub fn whose(actor: &Actor, id: &str, permissions: &[Permission]) -> Result<(Scope, CustomerId), Error> {
    let id = || id.parse().map_err(|_| Error::CustomerNotFound);
    if let Some(own) = actor.customer() {
        let realm = Scope::realm(actor.realm()?);
        return if id()? == own { Ok((realm, own)) } else { Err(Error::CustomerNotFound) };
    }
    for permission in permissions {
        actor.require(*permission)?;
    }
    Ok((Scope::of(actor)?, id()?))
}

/// Passes unless the customer `actor` is a guest, who keeps nothing (ID-8). Staff keep it for them.
pub fn require_registered(actor: &Actor, customer: &Customer) -> Result<(), Error> {
    if actor.customer().is_some() && !customer.is_registered() { Err(Error::RegistrationRequired) } else { Ok(()) }
}
