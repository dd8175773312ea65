//! A job: its states, and when it is done.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{
    actor::Actor,
    clock::timestamp,
    ids::{CustomerId, JobId, RealmId},
};
use proto::customers::v1 as pb;
use sqlx::types::Json;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// Two records become one (CU-13).
    Merge,
    /// A person is forgotten (CU-15).
    Erasure,
    /// Many records are changed (CU-8).
    Bulk,
    /// All accounts are looked through (AD-2).
    AccountAudit,
    /// Accounts that an audit found are removed (AD-3).
    AccountCleanup,
}

impl Kind {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Erasure => "erasure",
            Self::Bulk => "bulk",
            Self::AccountAudit => "account_audit",
            Self::AccountCleanup => "account_cleanup",
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Nobody has taken it up yet.
    Queued,
    /// Somebody is at it.
    Running,
    /// Everything is done.
    Succeeded,
    /// It was given up.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl State {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Work that takes longer than a request.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: JobId,
    pub(crate) kind: Kind,
    pub(crate) state: State,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: Option<CustomerId>,
    pub(crate) done: i64,
    pub(crate) total: i64,
    pub(crate) refused: i64,
    pub(crate) services: Vec<String>,
    pub(crate) failure: String,
    pub(crate) created_by: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

/// What one service has done of a job.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Part {
    pub(crate) service: String,
    pub(crate) counts: Json<BTreeMap<String, i64>>,
    pub(crate) at: DateTime<Utc>,
}

impl Job {
    /// Whether `actor` may look at it: whoever began it, and staff who work in the whole customer base.
    #[must_use]
    pub fn is_shown_to(&self, actor: &Actor) -> bool {
        let everywhere = actor.store.is_none_or(|store| store.uuid() == self.realm.uuid());
        everywhere || self.created_by == actor.subject
    }

    /// Counts the part that one more service has done, and ends with the last one. `false` when it had ended before, or
    /// waits for no such service.
    pub fn advance(&mut self, service: &str, done: i64, now: DateTime<Utc>) -> bool {
        if self.ended_at.is_some() || self.services.iter().all(|awaited| awaited != service) {
            return false;
        }
        (self.done, self.updated_at) = (done, now);
        if done >= self.total {
            (self.state, self.ended_at) = (State::Succeeded, Some(now));
        }
        true
    }

    /// Counts what came of the next few: whether it was done.
    pub fn count(&mut self, done: &[bool], now: DateTime<Utc>) {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.done += count(done.len());
        self.refused += count(done.iter().filter(|done| !**done).count());
        (self.state, self.updated_at) = (State::Running, now);
    }

    /// Ends it. What is no longer there to be done counts as done.
    pub fn finish(&mut self, state: State, failure: &str, now: DateTime<Utc>) {
        if state == State::Succeeded {
            self.done = self.total;
        }
        failure.clone_into(&mut self.failure);
        (self.state, self.updated_at, self.ended_at) = (state, now, Some(now));
    }

    /// Whether it is carried out by customers alone, behind the request, so that it can be stopped.
    #[must_use]
    pub const fn is_alone(&self) -> bool {
        matches!(self.kind, Kind::Bulk | Kind::AccountAudit | Kind::AccountCleanup)
    }

    /// Whether there is a list of what could not be done, or of what was.
    #[must_use]
    pub const fn has_report(&self) -> bool {
        matches!(self.kind, Kind::Bulk | Kind::AccountCleanup) && self.ended_at.is_some()
    }

    /// As the API shows it.
    #[must_use]
    pub fn told(self, parts: Vec<Part>) -> pb::Job {
        let step = |part: Part| pb::JobStep {
            service: part.service,
            counts: part.counts.0.into_iter().collect(),
            at: Some(timestamp(part.at)),
        };
        pb::Job {
            has_report: self.has_report(),
            id: self.id.into(),
            kind: self.kind.slug().to_owned(),
            state: self.state.slug().to_owned(),
            customer: self.customer.map(String::from).unwrap_or_default(),
            done: self.done,
            total: self.total,
            refused: self.refused,
            failure: self.failure,
            steps: parts.into_iter().map(step).collect(),
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            ended_at: self.ended_at.map(timestamp),
        }
    }
}
