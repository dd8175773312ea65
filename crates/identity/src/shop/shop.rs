//! A store: one shop front with its name, currency, time zone and publishable key (§0).
use chrono::{DateTime, Utc};
use kit::{
    actor::Actor,
    address::is_country,
    audit::json,
    email::Email,
    failure::Violation,
    ids::{NetworkId, RealmId, StoreId},
    money, secret,
};
use proto::identity::v1 as pb;

use crate::{Error, input};

/// A store.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Store {
    /// Its id.
    pub id: StoreId,
    /// Its customer base: its network's, or its own.
    #[sqlx(rename = "realm_id")]
    pub realm: RealmId,
    /// The network it is a member of.
    #[sqlx(rename = "network_id")]
    pub network: Option<NetworkId>,
    /// Display name.
    pub name: String,
    /// ISO 4217 code.
    pub currency: String,
    /// IANA name.
    pub timezone: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Address that its mails come from.
    pub mail_from: String,
    /// Address of its shop front; may be empty.
    pub url: String,
    /// Publishable key.
    pub key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What somebody at a publishable key sees of the store: whose name mails carry, how phone numbers are read.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Front {
    /// The store; with a network's key the oldest member.
    pub store: StoreId,
    /// Name of the store, or of the network.
    pub name: String,
    /// Country of phone numbers without a country code.
    pub country: String,
}

/// A store to make.
#[derive(Clone, Debug)]
pub struct Plan {
    name: String,
    currency: String,
    timezone: String,
    country: String,
    mail_from: String,
    url: String,
}

impl Plan {
    /// Reads a request. Whether the time zone exists is for the database to say.
    pub fn parse(request: &pb::CreateStoreRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let name = faults.take(input::text("/name", &request.name, 120));
        let currency = faults.take(currency(&request.currency));
        let timezone = faults.take(input::text("/timezone", &request.timezone, 60));
        let country = faults.take(country(&request.country));
        let mail_from = faults.take(input::email("/mail_from", &request.mail_from));
        let url = faults.take(url(&request.url));
        match (name, currency, timezone, country, mail_from, url) {
            (Some(name), Some(currency), Some(timezone), Some(country), Some(mail_from), Some(url)) => {
                let mail_from = Email::entered(&mail_from).to_owned();
                Ok(Self { name, currency, timezone, country, mail_from, url })
            }
            _ => Err(faults.into()),
        }
    }

    /// The time zone asked for.
    #[must_use]
    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    /// The store, in a realm of its own, with a fresh key.
    #[must_use]
    pub fn build(self, now: DateTime<Utc>) -> Store {
        let id = StoreId::new(now);
        Store {
            id,
            realm: RealmId::from_uuid(id.uuid()),
            network: None,
            name: self.name,
            currency: self.currency,
            timezone: self.timezone,
            country: self.country,
            mail_from: self.mail_from,
            url: self.url,
            key: secret::token("store"),
            created_at: now,
        }
    }
}

/// Reads an ISO 4217 code.
pub fn currency(code: &str) -> Result<String, Violation> {
    let code = code.trim().to_uppercase();
    money::currency(&code)
        .map_err(|_| Violation::new("/currency", "unknown", "this is no currency of ISO 4217"))
        .map(|_| code)
}

/// Reads an ISO 3166-1 alpha-2 code.
pub fn country(code: &str) -> Result<String, Violation> {
    let code = code.trim().to_uppercase();
    is_country(&code)
        .then_some(code)
        .ok_or_else(|| Violation::new("/country", "unknown", "this is no country of ISO 3166-1"))
}

/// Reads the address of a shop front, which may be empty.
pub fn url(text: &str) -> Result<String, Violation> {
    let text = text.trim();
    let readable = text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if text.is_empty() || (readable && text.len() <= 2000) {
        Ok(text.to_owned())
    } else {
        Err(Violation::new("/url", "malformed", "this is no address that starts with https:// or http://"))
    }
}

impl Store {
    /// As the audit tells of it.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        json!({ "name": self.name, "currency": self.currency, "timezone": self.timezone, "country": self.country })
    }

    /// Whether `actor` may know it: services any, others what is in their own customer base.
    #[must_use]
    pub fn is_visible_to(&self, actor: &Actor) -> bool {
        actor.is_system() || actor.realm == Some(self.realm)
    }

    /// As `actor` sees it: the key is for staff and services only.
    #[must_use]
    pub fn shown_to(self, actor: &Actor) -> pb::Store {
        pb::Store {
            id: self.id.into(),
            name: self.name,
            realm: self.realm.into(),
            network: self.network.map(String::from).unwrap_or_default(),
            currency: self.currency,
            timezone: self.timezone,
            country: self.country,
            key: if actor.is_system() || actor.is_staff() { self.key } else { String::new() },
            mail_from: self.mail_from,
            url: self.url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> pb::CreateStoreRequest {
        pb::CreateStoreRequest {
            name: " Corner Shop ".to_owned(),
            currency: "eur".to_owned(),
            timezone: "Europe/Berlin".to_owned(),
            country: "de".to_owned(),
            mail_from: "shop@example.com".to_owned(),
            url: "https://shop.example.com".to_owned(),
        }
    }

    /// §0: a new store is a customer base of its own and gets a long publishable key.
    #[test]
    fn a_new_store_is_its_own_realm() {
        let store = Plan::parse(&request()).expect("it is well formed").build(DateTime::UNIX_EPOCH);
        assert_eq!(store.realm.uuid(), store.id.uuid());
        assert_eq!((&*store.name, &*store.currency, &*store.country), ("Corner Shop", "EUR", "DE"));
        assert!(store.key.starts_with("store_") && store.key.len() > 30);
    }

    /// §0: every fault of a store is told at once.
    #[test]
    fn all_faults_are_told_at_once() {
        let nothing = pb::CreateStoreRequest { url: "ftp://x".to_owned(), ..pb::CreateStoreRequest::default() };
        let Err(Error::Kit(kit::Error::Invalid(faults))) = Plan::parse(&nothing) else { panic!("it is malformed") };
        let pointers: Vec<_> = faults.iter().map(|fault| &*fault.pointer).collect();
        assert_eq!(pointers, ["/name", "/currency", "/timezone", "/country", "/mail_from", "/url"]);
    }
}
