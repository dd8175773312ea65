//! A customer record: what it holds, how it comes to be and how it changes.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{
    address::Address,
    email::Email,
    ids::{CustomerId, RealmId},
    phone::Phone,
};
use serde_json::Value;

use super::{
    address::Contact,
    change::{fill, replace},
    state::{Lifecycle, Registration, Standing},
};
use crate::Error;

/// A customer record (CU-4). Money figures are in minor units.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Customer {
    pub(crate) id: CustomerId,
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) registration: Registration,
    pub(crate) status: Standing,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_canonical: String,
    /// Whether the e-mail says who this is; not while only a phone was proven.
    pub(crate) email_identifies: bool,
    pub(crate) phone: String,
    pub(crate) phone_verified_at: Option<DateTime<Utc>>,
    pub(crate) username: String,
    pub(crate) photo_url: String,
    pub(crate) business: String,
    pub(crate) fax: String,
    #[sqlx(json)]
    pub(crate) contacts: Vec<Contact>,
    pub(crate) language: String,
    pub(crate) slug: String,
    pub(crate) tags: Vec<String>,
    #[sqlx(json)]
    pub(crate) meta: Value,
    pub(crate) library_all: bool,
    pub(crate) directory: bool,
    #[sqlx(json)]
    pub(crate) consents: BTreeMap<String, bool>,
    pub(crate) ip: String,
    #[sqlx(json(nullable))]
    pub(crate) address: Option<Address>,
    pub(crate) orders_count: i64,
    pub(crate) spent_base: i64,
    pub(crate) first_order_at: Option<DateTime<Utc>>,
    pub(crate) last_order_at: Option<DateTime<Utc>>,
    pub(crate) reviews_count: i64,
    pub(crate) registered_at: Option<DateTime<Utc>>,
    pub(crate) last_activity_at: DateTime<Utc>,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What somebody told about themselves when a store met them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introduction {
    /// Full name, may be empty.
    pub name: String,
    /// Phone, when a readable one was given.
    pub phone: Option<Phone>,
    /// Network address, may be empty.
    pub ip: String,
    /// Address given along.
    pub address: Option<Address>,
}

/// What a person proved when they registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// The e-mail address.
    Email,
    /// The phone.
    Phone,
    /// An account elsewhere, which tells an e-mail that it has not proven.
    Provider,
}

/// Changes to one's own profile; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Full name.
    pub name: Option<String>,
    /// Phone; `Some(None)` takes it away.
    pub phone: Option<Option<Phone>>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// A JSON object.
    pub meta: Option<Value>,
}

impl Customer {
    /// The record of somebody just met: a lead and a guest (CU-3).
    #[must_use]
    pub fn meet(realm: RealmId, email: &Email, introduction: Introduction, now: DateTime<Utc>) -> Self {
        let id = CustomerId::new(now);
        let phone = introduction.phone.map(|phone| phone.to_string()).unwrap_or_default();
        Self {
            id,
            realm,
            lifecycle: Lifecycle::Lead,
            registration: Registration::Guest,
            status: Standing::Active,
            slug: slug(&introduction.name, id),
            name: introduction.name,
            email: email.entered().to_owned(),
            email_canonical: email.canonical().to_owned(),
            email_identifies: true,
            phone,
            phone_verified_at: None,
            username: String::new(),
            photo_url: String::new(),
            business: String::new(),
            fax: String::new(),
            contacts: Vec::new(),
            language: String::new(),
            tags: Vec::new(),
            meta: Value::Object(serde_json::Map::new()),
            library_all: false,
            directory: false,
            consents: BTreeMap::new(),
            ip: introduction.ip,
            address: introduction.address,
            orders_count: 0,
            spent_base: 0,
            first_order_at: None,
            last_order_at: None,
            reviews_count: 0,
            registered_at: None,
            last_activity_at: now,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Meets somebody known again: of a guest it fills what is empty and overwrites nothing but the address, which is the
    /// last one given (CU-2). Whoever types an e-mail has proven nothing, so what a registered customer has not said of
    /// themselves stays empty. Answers the names of the fields that changed.
    pub fn meet_again(&mut self, introduction: Introduction, now: DateTime<Utc>) -> Vec<&'static str> {
        let mut changed = Vec::new();
        if self.registration == Registration::Guest {
            fill(&mut self.name, introduction.name, "name", &mut changed);
            let phone = introduction.phone.map(|phone| phone.to_string()).unwrap_or_default();
            fill(&mut self.phone, phone, "phone", &mut changed);
            fill(&mut self.ip, introduction.ip, "ip", &mut changed);
            if introduction.address.is_some() && introduction.address != self.address {
                self.address = introduction.address;
                changed.push("address");
            }
        }
        self.seen(now);
        self.touch_if(&changed, now);
        changed
    }

    /// Makes the record registered (ID-1). What its owner says of themselves counts from now on; another e-mail only where
    /// the one there is does not say who they are: an alias leaves it. Repeating it changes nothing.
    pub fn register(&mut self, email: &Email, introduction: &Introduction, now: DateTime<Utc>) -> Vec<&'static str> {
        let mut changed = self.claim(now);
        if !self.email_identifies && !self.has_email(email) {
            email.entered().clone_into(&mut self.email);
            email.canonical().clone_into(&mut self.email_canonical);
            changed.push("email");
        }
        if !introduction.name.is_empty() && introduction.name != self.name {
            self.name.clone_from(&introduction.name);
            if self.lifecycle == Lifecycle::Lead {
                self.slug = slug(&self.name, self.id);
            }
            changed.push("name");
        }
        let phone = introduction.phone.as_ref().map(Phone::as_str).unwrap_or_default();
        if !phone.is_empty() && phone != self.phone && self.phone_verified_at.is_none() {
            phone.clone_into(&mut self.phone);
            changed.push("phone");
        }
        changed.dedup();
        self.seen(now);
        self.touch_if(&changed, now);
        changed
    }

    /// Adds a tag.
    pub fn tag(&mut self, tag: &str, now: DateTime<Utc>) -> Vec<&'static str> {
        if self.tags.iter().any(|known| known == tag) {
            return Vec::new();
        }
        self.tags.push(tag.to_owned());
        self.tags.sort_unstable();
        let changed = vec!["tags"];
        self.touch_if(&changed, now);
        changed
    }

    /// Registers a guest. What was typed about somebody who never bought anything may be anybody's: where their parcels
    /// and calls go, they say themselves.
    fn claim(&mut self, at: DateTime<Utc>) -> Vec<&'static str> {
        if self.registration == Registration::Registered {
            return Vec::new();
        }
        self.registration = Registration::Registered;
        self.registered_at = Some(at);
        let mut changed = vec!["registration"];
        if self.lifecycle == Lifecycle::Lead {
            if self.address.take().is_some() {
                changed.push("address");
            }
            if self.phone_verified_at.is_none() && !self.phone.is_empty() {
                self.phone.clear();
                changed.push("phone");
            }
        }
        changed
    }

    /// Registered, on the word of identity, which made the account at `at`.
    pub fn registered_at(&mut self, at: DateTime<Utc>, now: DateTime<Utc>) -> Vec<&'static str> {
        self.seen(at);
        let changed = self.claim(at);
        self.touch_if(&changed, now);
        changed
    }

    /// A registered record from the start.
    #[must_use]
    pub fn registered(mut self) -> Self {
        self.registration = Registration::Registered;
        self.registered_at = Some(self.created_at);
        self
    }

    /// A record whose owner proved their phone only: it signs in, and the e-mail is a way to write to them that says
    /// nothing about who they are (ID-1).
    #[must_use]
    pub fn of_phone(mut self) -> Self {
        self.phone_verified_at = Some(self.created_at);
        self.email_identifies = false;
        self
    }

    /// Whether somebody made an account of the record.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.registration == Registration::Registered
    }

    /// Whether `email` is the one of the record, however it is written.
    #[must_use]
    pub fn has_email(&self, email: &Email) -> bool {
        self.email_canonical == email.canonical()
    }

    /// Changes the owner's own profile. Guests have none (ID-8), and a phone that signs in stays (ID-11).
    pub fn change_profile(&mut self, profile: Profile, now: DateTime<Utc>) -> Result<Vec<&'static str>, Error> {
        if self.registration == Registration::Guest {
            return Err(Error::RegistrationRequired);
        }
        let mut changed = Vec::new();
        replace(&mut self.name, profile.name, "name", &mut changed);
        let phone = profile.phone.map(|phone| phone.map(|phone| phone.to_string()).unwrap_or_default());
        replace(&mut self.phone, phone, "phone", &mut changed);
        if changed.contains(&"phone") && self.phone_verified_at.is_some() {
            return Err(Error::PhoneSignsIn);
        }
        replace(&mut self.language, profile.language, "language", &mut changed);
        replace(&mut self.meta, profile.meta, "meta", &mut changed);
        self.seen(now);
        self.touch_if(&changed, now);
        Ok(changed)
    }

    /// Takes over how many reviews there are.
    pub fn review(&mut self, count: i64, now: DateTime<Utc>) {
        self.reviews_count = count;
        self.touch(now);
    }

    /// Remembers a sign of life; an older one changes nothing.
    pub fn seen(&mut self, at: DateTime<Utc>) {
        self.last_activity_at = self.last_activity_at.max(at);
    }

    pub(crate) fn touch_if(&mut self, changed: &[&str], now: DateTime<Utc>) {
        if !changed.is_empty() {
            self.touch(now);
        }
    }

    pub(crate) fn touch(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = self.updated_at.max(now);
    }
}

/// A name for addresses of pages: the words of the name in plain letters, and the end of the id, which makes it unique.
fn slug(name: &str, id: CustomerId) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let id = id.uuid().simple().to_string();
    let words = plain.split_whitespace().take(4).map(|word| &word[..word.len().min(20)]);
    words.chain([&id[20..]]).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn ada() -> Customer {
        let email = Email::parse("Ada@Example.com").expect("an address");
        let introduction = Introduction { name: "Ada Lovelace".to_owned(), ..Introduction::default() };
        Customer::meet(RealmId::from_uuid(uuid::Uuid::nil()), &email, introduction, at(0))
    }

    fn phone(number: &str) -> Introduction {
        Introduction { phone: Phone::parse(number, None).ok(), ..Introduction::default() }
    }

    /// CU-2: what is known stays, what is empty is filled.
    #[test]
    fn meeting_again_fills_and_never_overwrites() {
        let mut customer = ada();
        let again = Introduction { name: "A. King".to_owned(), ..phone("+49 30 901820") };
        assert_eq!(customer.meet_again(again, at(1)), ["phone"]);
        assert_eq!((customer.name.as_str(), customer.phone.as_str()), ("Ada Lovelace", "+4930901820"));
        assert_eq!((customer.version, customer.updated_at), (2, at(1)));
        assert!(customer.meet_again(phone("+49 30 901821"), at(2)).is_empty());
        assert_eq!((customer.version, customer.last_activity_at), (2, at(2)));
    }

    /// ID-1: registering is the same record and happens once.
    #[test]
    fn registering_upgrades_once() {
        let (mut customer, introduction) = (ada(), phone("+49 30 901820"));
        let email = Email::parse("ada@example.com").expect("an address");
        assert_eq!(customer.register(&email, &introduction, at(1)), ["registration", "phone"]);
        assert!(customer.register(&email, &introduction, at(2)).is_empty());
        assert!(customer.registered_at(at(3), at(3)).is_empty());
        assert_eq!((customer.registered_at, customer.phone.as_str()), (Some(at(1)), "+4930901820"));
    }

    /// ID-1, CU-3: what strangers typed about somebody goes when that person registers, and comes never after.
    #[test]
    fn strangers_say_nothing_of_the_registered() {
        let home = |line1: &str| Introduction {
            address: Some(Address { line1: line1.to_owned(), ..Address::default() }),
            ..phone("+49 30 901821")
        };
        let (mut customer, email) = (ada(), Email::parse("ada@example.com").expect("an address"));
        assert_eq!(customer.meet_again(home("Elsewhere 1"), at(1)), ["phone", "address"]);
        let king = Introduction { name: "Ada King".to_owned(), ..Introduction::default() };
        assert_eq!(customer.register(&email, &king, at(2)), ["registration", "address", "phone", "name"]);
        assert_eq!((&*customer.phone, &customer.address), ("", &None));
        assert!(customer.slug.starts_with("ada-king-"), "{}", customer.slug);
        assert!(customer.meet_again(home("Elsewhere 2"), at(3)).is_empty() && customer.address.is_none());
    }

    /// ID-1: word of the account may come first; the name of its owner counts all the same.
    #[test]
    fn word_of_the_account_may_come_first() {
        let mut customer = ada();
        let email = Email::parse("ada@example.com").expect("an address");
        assert_eq!(customer.registered_at(at(1), at(2)), ["registration"]);
        let king = Introduction { name: "Ada King".to_owned(), ..Introduction::default() };
        assert_eq!(customer.register(&email, &king, at(3)), ["name"]);
        assert_eq!(customer.registered_at, Some(at(1)));
    }

    /// ID-8: a guest has no profile to change.
    #[test]
    fn guests_have_no_profile() {
        let profile = Profile { name: Some("Ada".to_owned()), ..Profile::default() };
        assert!(matches!(ada().change_profile(profile, at(1)), Err(Error::RegistrationRequired)));
    }

    #[test]
    fn slugs_are_plain_and_end_in_the_id() {
        let customer = ada();
        assert!(customer.slug.starts_with("ada-lovelace-"), "{}", customer.slug);
        assert_eq!(slug("Ζωή", customer.id), customer.id.uuid().simple().to_string()[20..]);
    }
}
