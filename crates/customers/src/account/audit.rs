//! An audit of accounts, and what it found of one.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{AccountAuditId, CustomerId, JobId, RealmId},
};
use proto::customers::v1 as pb;
use sqlx::types::Json;

use super::{Finding, Kind, Rules, spam::Reason};
use crate::job::State;

/// An audit.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Audit {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: JobId,
    pub(crate) quiet_days: i32,
    pub(crate) threshold: i32,
    pub(crate) place: CustomerId,
    pub(crate) accounts: i64,
    pub(crate) unused: i64,
    pub(crate) spam: i64,
}

/// An audit with what is said of its job.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Ran {
    #[sqlx(flatten)]
    pub(crate) audit: Audit,
    state: State,
    created_by: String,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

/// What was found of an account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Verdict {
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    pub(crate) kind: Kind,
    pub(crate) score: i32,
    pub(crate) reasons: Json<Vec<Reason>>,
}

impl Verdict {
    /// What was found, unless the account is in use.
    #[must_use]
    pub fn of(customer: CustomerId, finding: Finding) -> Option<Self> {
        let kind = finding.kind()?;
        Some(Self { customer, kind, score: finding.score, reasons: Json(finding.reasons) })
    }

    /// As the API shows it, of a `customer` as the caller may see them.
    #[must_use]
    pub fn told(self, customer: Option<pb::Customer>) -> pb::Verdict {
        let told = |Reason { code, weight, count }| pb::VerdictReason { code, weight, count };
        let reasons = self.reasons.0.into_iter().map(told).collect();
        pb::Verdict { customer, kind: self.kind.slug().to_owned(), score: self.score, reasons }
    }
}

impl Audit {
    /// By which rules it judges.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules { quiet_days: self.quiet_days, threshold: self.threshold, ..Rules::default() }
    }

    /// Counts the next accounts, up to `place`, with what was found of them.
    pub fn count(&mut self, accounts: usize, verdicts: &[Verdict], place: CustomerId) {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let of = |kind| count(verdicts.iter().filter(|verdict| verdict.kind == kind).count());
        self.accounts += count(accounts);
        self.unused += of(Kind::Unused);
        self.spam += of(Kind::Spam);
        self.place = place;
    }
}

impl Ran {
    /// Whether it has looked at every account.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.state == State::Succeeded
    }

    /// As the API shows it.
    #[must_use]
    pub fn told(self) -> pb::AccountAudit {
        let Audit { id, quiet_days, threshold, accounts, unused, spam, .. } = self.audit;
        pb::AccountAudit {
            id: AccountAuditId::from_uuid(id.uuid()).into(),
            job: id.into(),
            state: self.state.slug().to_owned(),
            accounts,
            active: accounts - unused - spam,
            unused,
            spam,
            quiet_days,
            threshold,
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            ended_at: self.ended_at.map(timestamp),
        }
    }
}
