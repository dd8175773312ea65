//! Adds an address (CU-9).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{Entry, json},
    ids::CustomerId,
};
use serde_json::Value;

use super::{
    SavedAddress,
    address::{Given, MOST},
    store,
};
use crate::{
    Error,
    customer::{Customer, Scope, ensure::publish_change, store as customers, whose::require_registered},
    key::Keys,
    record::told::record,
};

/// Whose addresses change, and when.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// Where.
    pub scope: Scope,
    /// Who.
    pub customer: CustomerId,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Owner {
    /// The customer, locked, with their addresses.
    pub(super) async fn lock(&self, tx: &mut Tx, call: &Call) -> Result<(Customer, Vec<SavedAddress>), Error> {
        let customer = customers::lock_in(tx, self.scope, self.customer).await?.ok_or(Error::CustomerNotFound)?;
        require_registered(call.actor()?, &customer)?;
        let addresses = store::of_customer(&mut **tx, customer.realm, customer.id).await?;
        Ok((customer, addresses))
    }
}

/// The new address.
pub async fn add_address(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    owner: Owner,
    given: Given,
) -> Result<SavedAddress, Error> {
    let (customer, addresses) = owner.lock(tx, call).await?;
    if addresses.len() >= MOST {
        return Err(Error::TooManyAddresses);
    }
    let address = SavedAddress::new((customer.realm, customer.id), given, addresses.is_empty(), owner.now);
    store::insert(tx, &address).await?;
    let entry = Entry::new("address.added", ("address", address.id), owner.now).created(told(&address));
    settle(tx, (call, keys), (customer, owner.now), entry).await?;
    Ok(address)
}

/// What the audit is told of an address.
pub(super) fn told(address: &SavedAddress) -> Value {
    json!({
        "address": address.address,
        "residential": address.residential,
        "default_billing": address.default_billing,
        "default_shipping": address.default_shipping,
    })
}

/// What is left to do when addresses have changed: the record shows the one that parcels go to, the world hears of it.
pub(super) async fn settle(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (mut customer, now): (Customer, DateTime<Utc>),
    entry: Entry,
) -> Result<(), Error> {
    let addresses = store::of_customer(&mut **tx, customer.realm, customer.id).await?;
    let parcels = addresses.into_iter().find(|address| address.default_shipping);
    customer.address = parcels.map(|address| address.address).or(customer.address);
    let fields = ["addresses"];
    customer.touch_if(&fields, now);
    customers::save(tx, &customer).await?;
    publish_change(tx, &customer, &fields).await?;
    record(tx, (call, keys), &customer, entry).await
}
