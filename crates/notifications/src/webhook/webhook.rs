//! A webhook: where it leads, what it asks for, whose it is.
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    actor::{Actor, Kind},
    audit::json,
    clock::timestamp,
    failure::Violation,
    ids::{NetworkId, RealmId, StoreId, WebhookId},
    permission::Permission,
};
use proto::notifications::v1 as pb;
use uuid::Uuid;

use super::target;
use crate::{error::Error, hook_event};

/// Most webhooks of a store or network.
pub const MOST: usize = 20;
/// How long a secret signs beside the one that took its place.
pub const FORMER: TimeDelta = TimeDelta::hours(24);
/// How long everything may fail before a webhook is switched off.
pub const PATIENCE: TimeDelta = TimeDelta::days(5);
/// The longest description, in characters.
const DESCRIPTION: usize = 200;

/// The store or network that a webhook belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Of a store or a network.
    pub id: Uuid,
    /// Which of the two.
    pub is_network: bool,
    /// Its customer base.
    pub realm: RealmId,
}

impl Place {
    /// Where `actor` works, who has to be allowed to manage webhooks.
    pub fn of(actor: &Actor) -> Result<Self, Error> {
        actor.require(Permission::WebhooksWrite)?;
        let realm = actor.realm()?;
        let (id, is_network) = actor.store.map_or((realm.uuid(), true), |store| (store.uuid(), false));
        Ok(Self { id, is_network, realm })
    }

    /// The same for what makes an address hear more, or shows a secret.
    pub fn to_open(actor: &Actor, now: DateTime<Utc>) -> Result<Self, Error> {
        let place = Self::of(actor)?;
        if actor.kind != Kind::ApiKey {
            actor.require_recent(now)?;
        }
        Ok(place)
    }

    /// The store, unless it is a network.
    #[must_use]
    pub fn store(self) -> Option<StoreId> {
        (!self.is_network).then(|| StoreId::from_uuid(self.id))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_network { NetworkId::from_uuid(self.id).fmt(f) } else { StoreId::from_uuid(self.id).fmt(f) }
    }
}

/// Why nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Disabled {
    /// Staff switched it off.
    Paused,
    /// It answered 410.
    Gone,
    /// Everything failed for [`PATIENCE`].
    Failing,
}

impl Disabled {
    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// A webhook.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of the proto's Webhook, and its sealed secrets")]
pub struct Webhook {
    pub place_id: Uuid,
    pub id: WebhookId,
    pub is_network: bool,
    pub realm_id: RealmId,
    pub url: String,
    pub description: String,
    pub events: Vec<String>,
    pub disabled_reason: Option<Disabled>,
    pub failing_since: Option<DateTime<Utc>>,
    pub secret: Vec<u8>,
    pub former_secret: Option<Vec<u8>>,
    pub former_until: Option<DateTime<Utc>>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}

impl Webhook {
    /// Whose it is.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place { id: self.place_id, is_network: self.is_network, realm: self.realm_id }
    }

    /// What the audit keeps of it; what stands behind the question mark may be a secret.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        json!({
            "url": target::without_query(&self.url), "description": self.description, "events": self.events,
            "enabled": self.disabled_reason.is_none(),
        })
    }

    /// As the API tells it; `secret` only in the answer that made it.
    #[must_use]
    pub fn told(self, secret: String, now: DateTime<Utc>) -> pb::Webhook {
        pb::Webhook {
            id: self.id.into(),
            place: self.place().to_string(),
            url: self.url,
            description: self.description,
            events: self.events,
            enabled: self.disabled_reason.is_none(),
            disabled_reason: self.disabled_reason.map(|reason| reason.slug().to_owned()).unwrap_or_default(),
            failing_since: self.failing_since.map(timestamp),
            secret,
            former_secret_until: self.former_until.filter(|until| *until > now).map(timestamp),
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            version: self.version,
        }
    }
}

/// What a webhook is for, as it was typed.
pub fn description(text: &str) -> Result<String, Violation> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION {
        let detail = format!("at most {DESCRIPTION} characters are allowed");
        return Err(Violation::new("/description", "too_long", detail));
    }
    if text.chars().any(char::is_control) {
        return Err(Violation::new("/description", "malformed", "control characters are not allowed"));
    }
    Ok(text.to_owned())
}

/// The events that are asked for, each once and in order; an unknown one is refused.
pub fn events(names: &[String]) -> Result<Vec<String>, Error> {
    if let Some(unknown) = names.iter().find(|name| !hook_event::is_known(name)) {
        return Err(Error::UnknownEvent(unknown.chars().take(60).collect()));
    }
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
