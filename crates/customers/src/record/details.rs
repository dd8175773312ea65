//! The fields of a record that staff fill in and change (CU-4).
use chrono::{DateTime, Utc};
use kit::{address::LINE, email::Email};
use proto::customers::v1 as pb;
use serde_json::Value;

use crate::{
    Error,
    customer::{Customer, address::Contact, change::replace},
    fields::{Fields, META},
};

/// Longest address of a photo.
const ADDRESS: usize = 2_000;

/// Changes to a record; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    name: Option<String>,
    pub(super) email: Option<Email>,
    /// In E.164, or empty, as the fax.
    phone: Option<String>,
    username: Option<String>,
    photo_url: Option<String>,
    business: Option<String>,
    fax: Option<String>,
    contacts: Option<Vec<Contact>>,
    language: Option<String>,
    meta: Option<Value>,
    library_all: Option<bool>,
    directory: Option<bool>,
}

/// What came of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Names of the fields.
    pub fields: Vec<&'static str>,
    /// Whether the e-mail address that signs in is another one.
    pub email_moved: bool,
    /// Whether a phone signs in no longer.
    pub phone_moved: bool,
}

impl Details {
    /// Reads a request; `country` is where a number without a country code is from.
    pub fn parse(given: pb::Details, country: Option<&str>, fields: &mut Fields) -> Self {
        Self {
            name: given.name.map(|name| fields.line("/name", &name, LINE)),
            email: given.email.and_then(|email| fields.email("/email", &email)),
            phone: given.phone.map(|text| number("/phone", &text, country, fields)),
            username: given.username.map(|name| fields.line("/username", &name, LINE)),
            photo_url: given.photo_url.map(|address| photo(&address, fields)),
            business: given.business.map(|business| fields.line("/business", &business, LINE)),
            fax: given.fax.map(|text| number("/fax", &text, country, fields)),
            contacts: given.contacts.map(|ways| Contact::parse_all(&ways.contacts, fields)),
            language: given.language.map(|tag| fields.language("/language", &tag)),
            meta: given.meta.and_then(|text| patch(&text, fields)),
            library_all: given.library_all,
            directory: given.directory,
        }
    }

    /// The name, if one is given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Leaves the phone out unless it is `kept`; whether there was another one.
    pub fn drop_phone(&mut self, kept: &str) -> bool {
        let dropped = self.phone.take_if(|phone| phone != kept);
        dropped.is_some()
    }

    /// Whether they say who somebody is, so that whoever changes them has to see that (ID-23): an answer that nothing
    /// changed would tell what is masked.
    #[must_use]
    pub fn are_personal(&self) -> bool {
        let Self { name, email, phone, photo_url, business, fax, contacts, meta, .. } = self;
        [name, phone, photo_url, business, fax].into_iter().any(Option::is_some)
            || email.is_some()
            || contacts.is_some()
            || meta.is_some()
    }
}

/// A number in E.164; an empty one takes it away.
fn number(pointer: &'static str, text: &str, country: Option<&str>, fields: &mut Fields) -> String {
    fields.phone(pointer, text, country).map(|phone| phone.to_string()).unwrap_or_default()
}

/// A JSON object to merge, or `null`, which takes all away.
fn patch(text: &str, fields: &mut Fields) -> Option<Value> {
    if text == "null" { Some(Value::Null) } else { fields.meta("/meta", text) }
}

fn photo(address: &str, fields: &mut Fields) -> String {
    let address = fields.line("/photo_url", address, ADDRESS);
    let is_web =
        ["https://", "http://"].iter().any(|scheme| address.len() > scheme.len() && address.starts_with(scheme));
    if !address.is_empty() && (!is_web || address.contains(char::is_whitespace)) {
        fields.fault("/photo_url", "malformed", "this is not the address of a picture on the web");
    }
    address
}

/// `patch` merged into `target` (RFC 7396).
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

impl Customer {
    /// Takes over what staff say (CU-8). An e-mail address that says who the person is goes on doing so. A phone that
    /// signed in does so no longer; where nothing else says who they are it stays, since nobody could sign in any more.
    pub fn change(&mut self, details: Details, now: DateTime<Utc>) -> Result<Changed, Error> {
        let mut changed = Vec::new();
        replace(&mut self.name, details.name, "name", &mut changed);
        let email_moved = details.email.is_some_and(|email| self.move_to(&email, &mut changed));
        let phone_moved = self.change_phone(details.phone, &mut changed)?;
        replace(&mut self.username, details.username, "username", &mut changed);
        replace(&mut self.photo_url, details.photo_url, "photo_url", &mut changed);
        replace(&mut self.business, details.business, "business", &mut changed);
        replace(&mut self.fax, details.fax, "fax", &mut changed);
        replace(&mut self.contacts, details.contacts, "contacts", &mut changed);
        replace(&mut self.language, details.language, "language", &mut changed);
        let meta = details.meta.map(|patch| self.merged_meta(patch)).transpose()?;
        replace(&mut self.meta, meta, "meta", &mut changed);
        replace(&mut self.library_all, details.library_all, "library_all", &mut changed);
        replace(&mut self.directory, details.directory, "directory", &mut changed);
        self.touch_if(&changed, now);
        Ok(Changed { fields: changed, email_moved, phone_moved })
    }

    /// Takes another e-mail address; whether the login moves with it.
    fn move_to(&mut self, email: &Email, changed: &mut Vec<&'static str>) -> bool {
        let moves = self.email_identifies && !self.has_email(email);
        replace(&mut self.email, Some(email.entered().to_owned()), "email", changed);
        email.canonical().clone_into(&mut self.email_canonical);
        moves
    }

    fn change_phone(&mut self, phone: Option<String>, changed: &mut Vec<&'static str>) -> Result<bool, Error> {
        let before = changed.len();
        replace(&mut self.phone, phone, "phone", changed);
        if changed.len() == before || self.phone_verified_at.is_none() {
            return Ok(false);
        }
        if !self.email_identifies {
            return Err(Error::PhoneSignsIn);
        }
        self.phone_verified_at = None;
        Ok(true)
    }

    fn merged_meta(&self, patch: Value) -> Result<Value, Error> {
        if patch.is_null() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        let mut meta = self.meta.clone();
        merge(&mut meta, patch);
        if meta.to_string().len() > META {
            return Err(kit::Error::invalid("/meta", "too_long", "meta must be at most 16 KiB").into());
        }
        Ok(meta)
    }
}

#[cfg(test)]
mod tests {
    use kit::{ids::RealmId, phone::Phone};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::customer::customer::Introduction;

    fn ada() -> Customer {
        let phone = Phone::parse("+4930901820", None).ok();
        let introduction = Introduction { name: "Ada".to_owned(), phone, ..Introduction::default() };
        let email = Email::parse("ada@example.com").expect("an address");
        Customer::meet(RealmId::from_uuid(uuid::Uuid::nil()), &email, introduction, DateTime::UNIX_EPOCH)
    }

    fn details(given: pb::Details) -> Details {
        let mut fields = Fields::default();
        let details = Details::parse(given, Some("DE"), &mut fields);
        fields.finish().expect("nothing is at fault");
        details
    }

    fn phone(number: &str) -> Details {
        details(pb::Details { phone: Some(number.to_owned()), ..Default::default() })
    }

    fn mail(address: &str) -> Details {
        details(pb::Details { email: Some(address.to_owned()), ..Default::default() })
    }

    /// CU-8: another e-mail address moves the login; another spelling of the same one does not.
    #[test]
    fn an_email_moves_the_login() {
        let mut customer = ada();
        let changed = customer.change(mail("Ada@Example.com"), DateTime::UNIX_EPOCH).expect("a change");
        assert_eq!((changed.fields, changed.email_moved), (vec!["email"], false));
        let changed = customer.change(mail("ada@new.example"), DateTime::UNIX_EPOCH).expect("a change");
        assert!(changed.email_moved && customer.email_canonical == "ada@new.example" && customer.version == 3);
        let mut caller = ada().of_phone();
        let changed = caller.change(mail("ada@new.example"), DateTime::UNIX_EPOCH).expect("a change");
        assert!(!changed.email_moved && !caller.email_identifies, "an address to write to stays one");
    }

    /// CU-8: a phone that signs in does so no longer, unless nothing else says who it is.
    #[test]
    fn a_phone_does_not_lock_anybody_out() {
        let mut customer = Customer { phone_verified_at: Some(DateTime::UNIX_EPOCH), ..ada() };
        assert_eq!(customer.change(phone("030 901820"), DateTime::UNIX_EPOCH).expect("the same"), Changed::default());
        let changed = customer.change(phone("030 901821"), DateTime::UNIX_EPOCH).expect("a change");
        assert!(changed.phone_moved && customer.phone == "+4930901821" && customer.phone_verified_at.is_none());
        let mut caller = ada().of_phone();
        assert!(matches!(caller.change(phone(""), DateTime::UNIX_EPOCH), Err(Error::PhoneSignsIn)));
    }

    /// CU-4: meta is merged, and what comes of it keeps its limit.
    #[test]
    fn meta_is_merged_within_its_limit() {
        let mut customer = Customer { meta: json!({ "a": 1, "b": { "c": 2, "d": 3 } }), ..ada() };
        let patch = |text: String| details(pb::Details { meta: Some(text), ..Default::default() });
        let changed = customer.change(patch(r#"{"a":null,"b":{"c":null,"e":[1]}}"#.to_owned()), DateTime::UNIX_EPOCH);
        assert_eq!(
            (changed.expect("a change").fields, &customer.meta),
            (vec!["meta"], &json!({ "b": { "d": 3, "e": [1] } }))
        );
        let half = |name: &str| patch(json!({ name: "x".repeat(9_000) }).to_string());
        assert!(customer.change(half("f"), DateTime::UNIX_EPOCH).is_ok());
        assert!(customer.change(half("g"), DateTime::UNIX_EPOCH).is_err());
    }

    /// CU-4: every fault is told at once.
    #[test]
    fn every_fault_is_told() {
        let mut fields = Fields::default();
        let given = pb::Details {
            name: Some("a\nb".to_owned()),
            email: Some(String::new()),
            phone: Some("call me".to_owned()),
            photo_url: Some("javascript:alert(1)".to_owned()),
            fax: Some("none".to_owned()),
            contacts: Some(pb::ContactMethods { contacts: vec![pb::ContactMethod::default()] }),
            language: Some("german please".to_owned()),
            meta: Some("[]".to_owned()),
            ..Default::default()
        };
        Details::parse(given, None, &mut fields);
        let Err(kit::Error::Invalid(faults)) = fields.finish() else { panic!("accepted") };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
        assert_eq!(pointers, ["/name", "/email", "/phone", "/photo_url", "/fax", "/contacts", "/language", "/meta"]);
    }

    proptest! {
        /// CU-4: merging what is there changes nothing, and merging twice is merging once.
        #[test]
        fn merging_again_changes_nothing(keys in proptest::collection::vec(("[a-c]", proptest::option::of(0..3)), 0..6)) {
            let patch: Value = keys.into_iter().map(|(key, value)| (key, json!(value))).collect::<serde_json::Map<_, _>>().into();
            let mut once = json!({ "a": 7, "z": { "y": 1 } });
            merge(&mut once, patch.clone());
            let mut twice = once.clone();
            merge(&mut twice, patch);
            prop_assert_eq!(&once, &twice);
            merge(&mut twice, once.clone());
            prop_assert_eq!(once, twice);
        }
    }
}
