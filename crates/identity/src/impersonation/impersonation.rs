//! A session in the name of a customer.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, SessionId, StaffId},
};
use proto::identity::v1 as pb;

/// How long it lasts, however much it is used.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How it was opened, as sessions write it.
pub const METHOD: &str = "impersonation";

/// A session in the name of a customer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Impersonation {
    /// Its id.
    pub id: SessionId,
    /// In whose name.
    pub customer: CustomerId,
    /// Who really acts.
    pub staff: StaffId,
    /// Why.
    pub reason: String,
    /// The ticket it is about.
    pub ticket: Option<String>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

impl Impersonation {
    /// As the API tells it; `token` only in the answer that made it.
    #[must_use]
    pub fn told(self, token: String) -> pb::Impersonation {
        pb::Impersonation {
            id: self.id.into(),
            customer: self.customer.into(),
            token,
            expires_at: Some(timestamp(self.ends_at)),
            impersonator: self.staff.into(),
            reason: self.reason,
            ticket: self.ticket.unwrap_or_default(),
        }
    }
}
