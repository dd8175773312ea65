//! Takes over an e-mail address or phone number that a customer has proven (ID-11).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    email::Email,
    ids::{CustomerId, RealmId},
    phone::Phone,
};
use proto::customers::v1::{self as pb, change_contact_request::Proven};

use super::{contact::Contacted, customer::Customer, register::save, store};
use crate::{Error, fields::Fields};

/// A proven address or number.
#[derive(Clone, Debug)]
pub struct ChangeContact {
    realm: RealmId,
    customer: CustomerId,
    contact: Contacted,
    now: DateTime<Utc>,
}

impl ChangeContact {
    /// Reads a request.
    pub fn parse(request: &pb::ChangeContactRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let (realm, customer) = (fields.id("/realm", &request.realm), fields.id("/customer", &request.customer));
        let contact = match &request.proven {
            Some(Proven::Email(email)) => Email::parse(email).ok().map(Contacted::Email),
            Some(Proven::Phone(phone)) => Phone::parse(phone, None).ok().map(Contacted::Phone),
            None => None,
        };
        if contact.is_none() {
            fields.fault("/proven", "malformed", "name an e-mail address or a phone number");
        }
        fields.finish()?;
        match (realm, customer, contact) {
            (Some(realm), Some(customer), Some(contact)) => Ok(Self { realm, customer, contact, now }),
            _ => Err(Error::CustomerNotFound),
        }
    }
}

/// The customer with the address or number. The unique indexes say whose it is.
pub async fn change_contact(tx: &mut Tx, input: ChangeContact) -> Result<Customer, Error> {
    let customer = store::lock(tx, input.realm, input.customer).await?;
    let mut customer = customer.ok_or(Error::CustomerNotFound)?;
    let fields = customer.prove(&input.contact, input.now);
    save(tx, &customer, &fields).await?;
    Ok(customer)
}
