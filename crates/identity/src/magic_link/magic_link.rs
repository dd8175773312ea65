//! A link: good for a quarter of an hour from when it is sent, as often as one likes. Using it never extends it.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{ids, secret};
use uuid::Uuid;

/// How long a link is good for.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Purpose that the address of a link is sealed for.
pub const PURPOSE: &str = "magic-link-email";

/// A link on its way.
#[derive(Debug)]
pub struct MagicLink {
    /// Its id, which the message that carries it shares.
    pub id: Uuid,
    /// What it carries.
    pub token: String,
    /// When it dies.
    pub expires_at: DateTime<Utc>,
}

impl MagicLink {
    /// A fresh link.
    #[must_use]
    pub fn fresh(now: DateTime<Utc>) -> Self {
        Self { id: ids::uuid(now), token: secret::token("link"), expires_at: now + LIFETIME }
    }

    /// The page it opens, at the house that is known by `public`.
    #[must_use]
    pub fn address(&self, public: &str) -> String {
        format!("{public}/account/link/{}", self.token)
    }
}
