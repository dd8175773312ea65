//! Changes the caller's own profile (CU-7, ID-8).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    address::LINE,
    audit::{self, Entry, json},
    ids::{CustomerId, RealmId},
};
use proto::customers::v1 as pb;
use serde_json::Value;

use super::{
    customer::{Customer, Profile},
    ensure::publish_change,
    store,
};
use crate::{Error, fields::Fields, key::Keys};

/// Changes to one's own profile.
#[derive(Clone, Debug)]
pub struct UpdateOwnProfile {
    realm: RealmId,
    customer: CustomerId,
    profile: Profile,
    now: DateTime<Utc>,
}

impl UpdateOwnProfile {
    /// Reads a request by `customer`; `country` is where a phone without a country code is from.
    pub fn parse(
        request: pb::UpdateOwnProfileRequest,
        (realm, customer): (RealmId, CustomerId),
        country: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let name = request.name.map(|name| fields.line("/name", &name, LINE));
        if name.as_ref().is_some_and(String::is_empty) {
            fields.fault("/name", "required", "the name cannot be empty");
        }
        let profile = Profile {
            name,
            phone: request.phone.map(|number| fields.phone("/phone", &number, country)),
            language: request.language.map(|tag| fields.language("/language", &tag)),
            meta: request.meta.and_then(|text| fields.meta("/meta", &text)),
        };
        fields.finish()?;
        Ok(Self { realm, customer, profile, now })
    }
}

/// The customer with the changes, if the version is the one that `call` names.
pub async fn update_own_profile(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    input: UpdateOwnProfile,
) -> Result<Customer, Error> {
    let customer = store::lock(tx, input.realm, input.customer).await?;
    let mut customer = customer.ok_or(Error::CustomerNotFound)?;
    call.check_version(customer.version)?;
    let (before, now) = (call.actor()?.is_administrative().then(|| told(&customer)), input.now);
    let fields = customer.change_profile(input.profile, input.now)?;
    store::save(tx, &customer).await?;
    publish_change(tx, &customer, &fields).await?;
    if let Some(before) = before {
        let entry = Entry::new("customer.updated", ("customer", customer.id), now);
        let entry = match keys.key(tx, (customer.realm, customer.id), now).await? {
            Some(key) => entry.sealed_by(&key),
            None => entry.about(customer.id),
        };
        audit::record(tx, call, entry.changed(before, told(&customer)))?;
    }
    Ok(customer)
}

/// What the audit is told of the profile.
fn told(customer: &Customer) -> Value {
    json!({
        "name": customer.name,
        "phone": customer.phone,
        "language": customer.language,
        "meta": customer.meta,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(request: pb::UpdateOwnProfileRequest) -> Result<UpdateOwnProfile, Error> {
        let nil = uuid::Uuid::nil();
        let who = (RealmId::from_uuid(nil), CustomerId::from_uuid(nil));
        UpdateOwnProfile::parse(request, who, Some("DE"), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let request = pb::UpdateOwnProfileRequest {
            name: Some(" ".to_owned()),
            phone: Some("call me".to_owned()),
            language: Some("deutsch bitte".to_owned()),
            meta: Some("[1]".to_owned()),
        };
        let Err(Error::Kit(kit::Error::Invalid(faults))) = parse(request) else { panic!("accepted") };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
        assert_eq!(pointers, ["/name", "/phone", "/language", "/meta"]);
    }

    #[test]
    fn a_phone_is_read_with_the_stores_country() {
        let request = pb::UpdateOwnProfileRequest { phone: Some("030 901820".to_owned()), ..Default::default() };
        let phone = parse(request).ok().and_then(|input| input.profile.phone).flatten();
        assert_eq!(phone.map(|phone| phone.to_string()), Some("+4930901820".to_owned()));
    }
}
