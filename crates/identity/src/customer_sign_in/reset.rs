//! Sends the mail with which a customer sets a forgotten password anew, when staff have it sent (CU-8, ID-11).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{self, Entry},
    denied::Denied,
    ids::CustomerId,
};

use crate::{
    Error,
    account::{self, Desk, Identity, Visitor, desk::Person},
    password::reset::request_code,
    shop,
};

/// Sends it to the address or number that signs `person` in, as if they had asked in the store where `actor` works.
pub async fn send(desk: &Desk, call: &Call, actor: &Actor, person: &Person) -> Result<(), Error> {
    let (realm, store) = (actor.realm()?, actor.store);
    if !person.is_active {
        return Err(Error::CustomerInactive);
    }
    account::store::find(desk.db.pool(), realm, Some(person.id)).await?.ok_or(Error::NotRegistered)?;
    let front = shop::store::front(desk.db.pool(), realm, store).await?.ok_or(Denied::WrongCaller)?;
    let visitor = Visitor { realm, store, front };
    for known in [&person.email, &person.phone] {
        let Ok(identity) = Identity::parse("/identity", known, &visitor.front.country) else { continue };
        let found = desk.find(call, realm, identity.canonical()).await?;
        if found.is_some_and(|found| found.id == person.id) {
            return request_code(desk, call, (&visitor, &identity), desk.clock.now()).await;
        }
    }
    Err(Error::NotReachable)
}

/// Records that it was sent.
pub fn record(tx: &mut Tx, call: &Call, customer: CustomerId, now: DateTime<Utc>) -> Result<(), Error> {
    let entry = Entry::new("customer.password_reset_sent", ("customer", customer), now).about(customer);
    Ok(audit::record(tx, call, entry)?)
}
