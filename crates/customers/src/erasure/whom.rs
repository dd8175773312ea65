//! Who somebody was: kept sealed while services look for what is about nobody's id, and no longer.
use holdings::Person;
use kit::{
    Error as KitError,
    ids::{CustomerId, RealmId},
    secret::Secrets,
};
use serde::{Deserialize, Serialize};

use crate::{Error, customer::Customer};

/// Purpose that it is sealed for.
pub(crate) const PURPOSE: &str = "erased-customer";

/// Names, addresses and numbers of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whom {
    pub(crate) names: Vec<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) phones: Vec<String>,
}

impl Whom {
    /// Of a record.
    #[must_use]
    pub fn of(customer: &Customer) -> Self {
        let address = customer.address.as_ref();
        let some = |texts: Vec<String>| texts.into_iter().filter(|text| !text.is_empty()).collect();
        Self {
            names: some(vec![customer.name.clone(), address.map(|it| it.name.clone()).unwrap_or_default()]),
            // An address that was only entered, and proven by nobody, may be somebody else's.
            emails: some(if customer.email_identifies {
                vec![customer.email.clone(), customer.email_canonical.clone()]
            } else {
                Vec::new()
            }),
            phones: some(if customer.phone_verified_at.is_some() { vec![customer.phone.clone()] } else { Vec::new() }),
        }
    }

    /// Everything that the record and those merged into it are called and reached by, proven or not.
    #[must_use]
    pub fn ever(customer: &Customer, aliases: Vec<String>) -> Self {
        let mut whom = Self::of(customer);
        let numbers = [&customer.phone, &customer.fax].map(Clone::clone);
        let contacts = customer.contacts.iter().map(|contact| contact.value.clone());
        let address = customer.address.iter().flat_map(|it| [it.line1.clone(), it.phone.clone(), it.business.clone()]);
        whom.names.extend([customer.username.clone(), customer.business.clone()]);
        whom.emails.extend([customer.email.clone(), customer.email_canonical.clone()].into_iter().chain(aliases));
        whom.phones.extend(numbers.into_iter().chain(address.clone()).chain(contacts.clone()));
        whom.names.extend(address.chain(contacts));
        whom
    }

    /// As lists of what is kept are asked for it.
    #[must_use]
    pub fn person(&self, person: Person) -> Person {
        person.called(&self.emails, &self.phones, &self.names)
    }

    /// Sealed for this customer alone.
    pub(super) fn seal(&self, secrets: &Secrets, customer: CustomerId) -> Result<Vec<u8>, Error> {
        let text =
            serde_json::to_vec(self).map_err(|e| KitError::Internal(format!("a person cannot be written: {e}")))?;
        Ok(secrets.seal(PURPOSE, customer.uuid().as_bytes(), &text))
    }

    pub(super) fn open(secrets: &Secrets, customer: CustomerId, sealed: &[u8]) -> Option<Self> {
        let text = secrets.open(PURPOSE, customer.uuid().as_bytes(), sealed).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// Somebody of a realm.
pub type Id = (RealmId, CustomerId);
