//! What the audit says of an action (AD-1): who, what, to whom, why, before and after. Values without I/O; services
//! record entries through `kit::audit`.
use std::fmt::Display;

use chrono::{DateTime, Utc};
use proto::base::v1::{Audited, AuditedPerson};
use serde_json::Value;
/// To write what was there before and after.
pub use serde_json::json;

use crate::{
    actor::{Actor, Kind},
    clock::timestamp,
    customer_key::CustomerKey,
    ids::{CustomerId, RealmId, StoreId},
    sealed,
};

/// An action, as whoever carries it out describes it.
#[derive(Clone, Debug)]
pub struct Entry {
    action: &'static str,
    target: (&'static str, String),
    at: DateTime<Utc>,
    actor: Option<(Kind, String)>,
    place: Option<(RealmId, Option<StoreId>)>,
    customers: Vec<CustomerId>,
    key: Option<CustomerKey>,
    /// A text, or one that was sealed.
    reason: Value,
    before: Value,
    after: Value,
}

impl Entry {
    /// `action` (a slug in the past tense, such as `product.updated`) was done `at` that moment to the `target`: its kind
    /// (`product`) and id.
    #[must_use]
    pub fn new(action: &'static str, (kind, id): (&'static str, impl Display), at: DateTime<Utc>) -> Self {
        Self {
            action,
            target: (kind, id.to_string()),
            at,
            actor: None,
            place: None,
            customers: Vec::new(),
            key: None,
            reason: Value::Null,
            before: Value::Null,
            after: Value::Null,
        }
    }

    /// In whose name, where that is not the caller: somebody who has just signed in.
    #[must_use]
    pub fn by(self, kind: Kind, subject: impl Display) -> Self {
        Self { actor: Some((kind, subject.to_string())), ..self }
    }

    /// Where, if that is not the place the caller works in.
    #[must_use]
    pub fn within(self, realm: RealmId, store: Option<StoreId>) -> Self {
        Self { place: Some((realm, store)), ..self }
    }

    /// Concerns `customer`: what is personal about them is kept masked. It is kept sealed with [`Entry::sealed_by`].
    #[must_use]
    pub fn about(mut self, customer: CustomerId) -> Self {
        if !self.customers.contains(&customer) {
            self.customers.push(customer);
        }
        self
    }

    /// Concerns the customer whose `key` this is: it seals what is personal about them, and the reason.
    #[must_use]
    pub fn sealed_by(self, key: &CustomerKey) -> Self {
        Self { key: Some(key.clone()), ..self.about(key.customer()) }
    }

    /// Why, in the words of whoever did it. They may say something about a person: of an entry about a customer they are
    /// kept sealed with [`Entry::sealed_by`], or masked without it.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        let reason = Some(reason.into()).filter(|reason| !reason.is_empty());
        Self { reason: reason.map_or(Value::Null, Value::String), ..self }
    }

    /// The same where customers has `sealed` the words with the key of `customer`, whom they are about.
    #[must_use]
    pub fn because_sealed(self, customer: CustomerId, sealed: &[u8]) -> Self {
        Self { reason: sealed::enclose(customer, sealed), ..self.about(customer) }
    }

    /// It made something with these members.
    #[must_use]
    pub fn created(self, after: Value) -> Self {
        Self { after, ..self }
    }

    /// It changed something; of its members those are kept that differ.
    #[must_use]
    pub fn changed(self, mut before: Value, mut after: Value) -> Self {
        if let (Value::Object(before), Value::Object(after)) = (&mut before, &mut after) {
            let (old, new) = (before.clone(), after.clone());
            before.retain(|name, value| new.get(name) != Some(value));
            after.retain(|name, value| old.get(name) != Some(value));
        }
        Self { before, after, ..self }
    }

    /// It removed something with these members.
    #[must_use]
    pub fn removed(self, before: Value) -> Self {
        Self { before, ..self }
    }

    /// The entry as an event when `actor` did it, from this `ip` and in this request. `None` for what customers and
    /// visitors do themselves, which is no administrative action.
    #[must_use]
    pub fn told(self, actor: &Actor, ip: &str, request_id: &str) -> Option<Audited> {
        let own = (actor.kind, actor.subject.clone());
        let (kind, subject) = self.actor.clone().unwrap_or(own);
        let administrative = matches!(kind, Kind::Staff | Kind::ApiKey | Kind::System) || actor.act.is_some();
        if !administrative {
            return None;
        }
        let entry = match actor.customer() {
            Some(customer) => self.about(customer),
            None => self,
        };
        let (realm, store) = entry.place.unzip();
        let session = actor.act.as_ref().map(|act| act.session.clone()).or_else(|| actor.session.clone());
        Some(Audited {
            realm: realm.or(actor.realm).map(String::from).unwrap_or_default(),
            store: store.unwrap_or(actor.store).map(String::from).unwrap_or_default(),
            actor: Some(person(kind, &subject)),
            impersonator: actor.act.as_ref().map(|act| person(act.kind, &act.sub)),
            session: session.unwrap_or_default(),
            ip: ip.to_owned(),
            request_id: request_id.chars().take(128).collect(),
            ..entry.encode()
        })
    }

    /// The entry as an event when the service `name` did it by itself.
    #[must_use]
    pub fn told_by_service(self, name: &str) -> Audited {
        let (realm, store) = self.place.unzip();
        Audited {
            realm: realm.map(String::from).unwrap_or_default(),
            store: store.flatten().map(String::from).unwrap_or_default(),
            actor: Some(person(Kind::System, name)),
            ..self.encode()
        }
    }

    /// What does not depend on who did it.
    fn encode(self) -> Audited {
        let about_customer = !self.customers.is_empty();
        let reason = match (&self.key, self.reason) {
            (Some(key), words @ Value::String(_)) => sealed::seal(key, &words),
            (None, Value::String(_)) if about_customer => sealed::masked(),
            (_, reason) => reason,
        };
        let protect = |value| canonical(sealed::protect(value, about_customer, self.key.as_ref()));
        Audited {
            at: Some(timestamp(self.at)),
            action: self.action.to_owned(),
            target_kind: self.target.0.to_owned(),
            target: self.target.1,
            customers: self.customers.into_iter().map(String::from).collect(),
            reason: canonical(reason),
            before: protect(self.before),
            after: protect(self.after),
            ..Audited::default()
        }
    }
}

fn person(kind: Kind, id: &str) -> AuditedPerson {
    AuditedPerson { kind: kind.slug().to_owned(), id: id.to_owned() }
}

/// `value` as the one text that stands for it: members in the order of their names, nothing between them. Empty for null.
#[must_use]
pub fn canonical(mut value: Value) -> String {
    if value.is_null() {
        return String::new();
    }
    value.sort_all_objects();
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assertion::{Act, Claims};

    fn actor(kind: Kind, subject: &str) -> Actor {
        Actor::try_from(Claims::new(kind, subject, DateTime::UNIX_EPOCH)).expect("an actor")
    }

    fn ada() -> CustomerId {
        CustomerId::from_uuid(uuid::Uuid::nil())
    }

    fn entry() -> Entry {
        Entry::new("customer.updated", ("customer", ada()), DateTime::UNIX_EPOCH)
    }

    fn told(entry: Entry) -> Audited {
        entry.told(&actor(Kind::Staff, "stf_1"), "203.0.113.7", "req_1").expect("an entry")
    }

    /// AD-1: actor, action, target, reason, before, after, address and request are told; of a change, what differs.
    #[test]
    fn an_entry_tells_who_did_what() {
        let entry = Entry::new("product.updated", ("product", "prd_1"), DateTime::UNIX_EPOCH)
            .because("the season is over")
            .changed(json!({ "name": "Mug", "price": 1 }), json!({ "price": 2, "name": "Mug" }));
        let told = told(entry);
        let actor = told.actor.unwrap_or_default();
        assert_eq!((actor.kind.as_str(), actor.id.as_str()), ("staff", "stf_1"));
        assert_eq!((told.before.as_str(), told.after.as_str()), (r#"{"price":1}"#, r#"{"price":2}"#));
        assert_eq!((told.target_kind.as_str(), told.target.as_str()), ("product", "prd_1"));
        assert_eq!(told.reason, r#""the season is over""#);
        assert_eq!((told.ip.as_str(), told.request_id.as_str()), ("203.0.113.7", "req_1"));
    }

    /// AD-1, ID-25: what customers do themselves is theirs; what somebody does in their name is recorded with both.
    #[test]
    fn impersonation_names_both() {
        assert!(entry().told(&actor(Kind::Customer, "cus_1"), "", "").is_none());
        let act = Act {
            kind: Kind::Staff,
            sub: "stf_1".to_owned(),
            session: "ses_1".to_owned(),
            reason: "a call".to_owned(),
        };
        let told = entry().told(&Actor { act: Some(act), ..actor(Kind::Customer, "cus_1") }, "", "");
        let told = told.expect("an entry");
        let ids = [told.actor, told.impersonator].map(|person| person.unwrap_or_default().id);
        assert_eq!((ids[0].as_str(), ids[1].as_str(), told.session.as_str()), ("cus_1", "stf_1", "ses_1"));
        let told = entry().by(Kind::Staff, "stf_2").told(&actor(Kind::System, "gateway"), "", "");
        assert_eq!(told.and_then(|told| told.actor).unwrap_or_default().id, "stf_2");
    }

    /// AD-1, PL-7: nothing personal is told in the clear, with the customer's key or without; states are.
    #[test]
    fn nothing_personal_is_in_the_clear() {
        let before =
            json!({ "name": "Ada Lovelace", "address": { "city": "London" }, "phone": null, "status": "active" });
        let after = json!({ "name": "Ada King", "address": null, "phone": "+4930901820", "status": "inactive" });
        let key = CustomerKey::fresh(ada());
        let plain = told(entry().about(ada()).changed(before.clone(), after.clone()));
        assert_eq!(plain.before, r#"{"address":"***","name":"***","phone":null,"status":"active"}"#);
        assert_eq!(told(entry().about(ada()).because("Ada married")).reason, r#""***""#);
        let elsewhere = told(entry().because_sealed(ada(), &key.seal(sealed::PURPOSE, br#""Ada married""#)));
        assert!(elsewhere.customers == [ada().to_string()] && !elsewhere.reason.contains("married"), "{elsewhere:?}");
        let sealed = told(entry().sealed_by(&key).because("Ada married").changed(before.clone(), after));
        assert_eq!(sealed.customers, [ada().to_string()]);
        for text in [&sealed.before, &sealed.after, &sealed.reason] {
            // Long enough that no ciphertext spells them by chance.
            assert!(
                !["Lovelace", "Ada King", "London", "married", "4930901820"].iter().any(|part| text.contains(part)),
                "{text}"
            );
        }
        let mut opened: Value = serde_json::from_str(&sealed.before).expect("JSON");
        let open = |customer, bytes: &[u8]| key.open(sealed::PURPOSE, bytes).ok().filter(|_| customer == ada());
        sealed::open(&mut opened, &open);
        assert_eq!(opened, before);
        let mut masked: Value = serde_json::from_str(&sealed.before).expect("JSON");
        assert!(sealed::mask(&mut masked) && masked["name"] == "***" && masked["status"] == "active");
        let mut lost: Value = serde_json::from_str(&sealed.before).expect("JSON");
        sealed::open(&mut lost, &|_, _| None);
        assert_eq!(lost["name"], json!({ "erased": true }), "the key is gone");
    }

    #[test]
    fn canonical_json_has_one_spelling() {
        let value = json!({ "b": [{ "d": 1, "c": i64::MAX }], "a": "ü\u{0}" });
        assert_eq!(canonical(value), r#"{"a":"ü\u0000","b":[{"c":9223372036854775807,"d":1}]}"#);
        assert_eq!(canonical(Value::Null), "");
    }
}
