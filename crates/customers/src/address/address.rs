//! A saved address, and which one is the default.
use chrono::{DateTime, Utc};
use kit::{
    address::Address,
    clock::timestamp,
    ids::{AddressId, CustomerId, RealmId},
    label,
};
use proto::customers::v1 as pb;

use crate::{Error, fields::Fields};

/// Most addresses of a customer.
pub const MOST: usize = 50;

/// A saved address.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SavedAddress {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: AddressId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    #[sqlx(json)]
    pub(crate) address: Address,
    pub(crate) residential: bool,
    pub(crate) default_billing: bool,
    pub(crate) default_shipping: bool,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// An address as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The address, with its phone in E.164.
    pub address: Address,
    /// Whether somebody lives there.
    pub residential: bool,
    /// Whether it is to be the default for bills; `None` leaves that.
    pub default_billing: Option<bool>,
    /// The same for parcels.
    pub default_shipping: Option<bool>,
}

impl Given {
    /// Reads an address that a parcel could go to; `home` is where a phone without a country code is from when the
    /// address does not say.
    pub fn parse(given: Option<&pb::GivenAddress>, home: Option<&str>) -> Result<Self, Error> {
        let given = given.cloned().unwrap_or_default();
        let mut faults = Vec::new();
        let mut address = Address::parse(&given.address.unwrap_or_default(), "", &mut faults);
        if faults.is_empty() {
            address.check_complete("", &mut faults);
        }
        let mut fields = Fields::default();
        fields.add(faults);
        match address.phone(home) {
            Ok(phone) => address.phone = phone.map(|phone| phone.to_string()).unwrap_or_default(),
            Err(_) => fields.fault("/phone", "malformed", "this is not a phone number; write it with its country code"),
        }
        fields.finish()?;
        let (default_billing, default_shipping) = (given.default_billing, given.default_shipping);
        Ok(Self { address, residential: given.residential.unwrap_or(true), default_billing, default_shipping })
    }
}

impl SavedAddress {
    /// A new address of `customer`, which is the default for both purposes when it is their `first`.
    #[must_use]
    pub fn new((realm, customer): (RealmId, CustomerId), given: Given, first: bool, now: DateTime<Utc>) -> Self {
        Self {
            realm,
            id: AddressId::new(now),
            customer,
            address: given.address,
            residential: given.residential,
            default_billing: first || given.default_billing == Some(true),
            default_shipping: first || given.default_shipping == Some(true),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Takes over what is `given`; whether that changes anything. A default is given up to another address only.
    pub fn replace(&mut self, given: Given, now: DateTime<Utc>) -> Result<bool, Error> {
        let former = self.clone();
        for (default, wanted) in
            [(&mut self.default_billing, given.default_billing), (&mut self.default_shipping, given.default_shipping)]
        {
            if *default && wanted == Some(false) {
                return Err(Error::DefaultNeeded);
            }
            *default |= wanted == Some(true);
        }
        (self.address, self.residential) = (given.address, given.residential);
        if *self == former {
            return Ok(false);
        }
        self.version += 1;
        self.updated_at = now;
        Ok(true)
    }

    /// As the API shows it, nothing masked.
    #[must_use]
    pub fn told(self) -> pb::SavedAddress {
        pb::SavedAddress {
            label: label::lines(&self.address),
            id: self.id.into(),
            customer: self.customer.into(),
            address: Some(self.address.into()),
            residential: self.residential,
            default_billing: self.default_billing,
            default_shipping: self.default_shipping,
            version: self.version,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            redacted: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> pb::GivenAddress {
        let address = proto::base::v1::Address {
            name: "Ada".to_owned(),
            line1: "Lindenstraße 9".to_owned(),
            city: "Berlin".to_owned(),
            country: "de".to_owned(),
            phone: "030 901820".to_owned(),
            ..Default::default()
        };
        pb::GivenAddress { address: Some(address), ..Default::default() }
    }

    /// CU-9: phones are kept in E.164, by the country of the address; every fault is told.
    #[test]
    fn an_address_is_complete() {
        let read = Given::parse(Some(&given()), Some("FR")).expect("an address");
        assert_eq!((read.address.phone.as_str(), read.residential), ("+4930901820", true));
        let address = proto::base::v1::Address { phone: "call me".to_owned(), ..Default::default() };
        let given = pb::GivenAddress { address: Some(address), ..Default::default() };
        let Err(Error::Kit(kit::Error::Invalid(faults))) = Given::parse(Some(&given), None) else { panic!("accepted") };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
        assert_eq!(pointers, ["/line1", "/city", "/country", "/phone"]);
    }

    /// CU-9: the first address is the default for everything; a default is not given up to nothing.
    #[test]
    fn a_default_stays_until_another_takes_over() {
        let whose = (RealmId::from_uuid(uuid::Uuid::nil()), CustomerId::from_uuid(uuid::Uuid::nil()));
        let read = |billing| {
            Given::parse(Some(&pb::GivenAddress { default_billing: billing, ..given() }), None).expect("an address")
        };
        let mut saved = SavedAddress::new(whose, read(None), true, DateTime::UNIX_EPOCH);
        assert!(saved.default_billing && saved.default_shipping);
        assert!(matches!(saved.replace(read(Some(false)), DateTime::UNIX_EPOCH), Err(Error::DefaultNeeded)));
        assert!(matches!(saved.replace(read(Some(true)), DateTime::UNIX_EPOCH), Ok(false)) && saved.version == 1);
        let mut other = SavedAddress::new(whose, read(Some(false)), false, DateTime::UNIX_EPOCH);
        assert!(!other.default_billing && !other.default_shipping);
        assert!(matches!(other.replace(read(Some(true)), DateTime::UNIX_EPOCH), Ok(true)) && other.default_billing);
    }
}
