//! Changes a record in the name of the staff (CU-8).
use chrono::{DateTime, Utc};
use kit::{Call, Tx, audit::Entry, clock::timestamp, ids::CustomerId, outbox};
use proto::customers::v1 as pb;

use super::{
    details::{Changed, Details},
    told::{record, told},
};
use crate::{
    Error,
    customer::{Customer, Scope, register::save, store},
    fields::Fields,
    key::Keys,
};

/// Changes to a record.
#[derive(Clone, Debug)]
pub struct ChangeCustomer {
    scope: Scope,
    customer: CustomerId,
    pub(super) details: Details,
    now: DateTime<Utc>,
}

impl ChangeCustomer {
    /// Reads a request in `scope`; `country` is where a number without a country code is from.
    pub fn parse(
        request: pb::ChangeCustomerRequest,
        scope: Scope,
        country: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let customer = request.id.parse().map_err(|_| Error::CustomerNotFound)?;
        let mut fields = Fields::default();
        let details = Details::parse(request.details.unwrap_or_default(), country, &mut fields);
        fields.finish()?;
        Ok(Self { scope, customer, details, now })
    }
}

/// The customer with the changes, if the version is the one that `call` names.
pub async fn change_customer(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    input: ChangeCustomer,
) -> Result<Customer, Error> {
    let mut customer = store::lock_in(tx, input.scope, input.customer).await?.ok_or(Error::CustomerNotFound)?;
    call.check_version(customer.version)?;
    let before = told(&customer);
    let changed = customer.change(input.details, input.now)?;
    save(tx, &customer, &changed.fields).await?;
    if changed.fields.is_empty() {
        return Ok(customer);
    }
    publish_move(tx, &customer, &changed, input.now);
    let entry = Entry::new("customer.updated", ("customer", customer.id), input.now);
    record(tx, (call, keys), &customer, entry.changed(before, told(&customer))).await?;
    Ok(customer)
}

/// Says that something else signs in now, or something no longer.
fn publish_move(tx: &mut Tx, customer: &Customer, changed: &Changed, now: DateTime<Utc>) {
    if changed.email_moved || changed.phone_moved {
        let moved = pb::CustomerLoginMoved {
            realm: customer.realm.into(),
            customer: customer.id.into(),
            email: changed.email_moved,
            phone: changed.phone_moved,
            at: Some(timestamp(now)),
        };
        outbox::publish(tx, &moved);
    }
}
