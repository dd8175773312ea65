//! A session of the portal: like a customer's, but of no customer base.
use chrono::{DateTime, Utc};
use kit::{
    actor::RECENT,
    ids::{SessionId, ShopperId},
};

use crate::{Error, session::Kind};

/// Purpose that the address of a session is sealed for.
pub const PURPOSE: &str = "portal-email";
/// What its tokens start with, before the underscore.
pub const PREFIX: &str = "portal";

/// A session of the portal.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PortalSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub shopper_id: ShopperId,
    /// The proven e-mail address, sealed.
    pub email: Vec<u8>,
    /// When the link was used.
    pub authenticated_at: DateTime<Utc>,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
}

impl PortalSession {
    /// Passes when its link was used a short while ago: a cookie that was stolen does not take everything away.
    pub fn require_recent(&self, now: DateTime<Utc>) -> Result<(), Error> {
        if now - self.authenticated_at < RECENT { Ok(()) } else { Err(Error::SignInAgain) }
    }
}

/// When a session used at `now` ends.
#[must_use]
pub fn end(now: DateTime<Utc>) -> DateTime<Utc> {
    now + Kind::Customer.idle()
}
