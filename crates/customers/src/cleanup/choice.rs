//! Which of the accounts that an audit found, and what is done about what they were made with.
use std::str::FromStr;

use kit::ids::{AccountAuditId, CustomerId, JobId, RealmId};
use proto::customers::v1 as pb;

use crate::{Error, account::Kind, fields::Fields};

/// Most ids of a request.
const NAMED: usize = 10_000;

/// A choice among the verdicts of an audit.
#[derive(Clone, Debug)]
pub struct Choice {
    pub(crate) realm: RealmId,
    pub(crate) audit: JobId,
    pub(crate) kind: Kind,
    /// These; none for all …
    pub(crate) ids: Vec<CustomerId>,
    /// … but these.
    pub(crate) except: Vec<CustomerId>,
}

impl Choice {
    /// Reads a request.
    pub fn parse(request: &pb::CleanupChoice, realm: RealmId) -> Result<Self, Error> {
        let audit: AccountAuditId = request.audit.parse().map_err(|_| Error::AuditNotFound)?;
        let audit = JobId::from_uuid(audit.uuid());
        let mut fields = Fields::default();
        let kind = Kind::named(&request.kind);
        if kind.is_none() {
            fields.fault("/kind", "unknown", "accounts are removed for being unused or spam");
        }
        let ids = ids("/ids", &request.ids, &mut fields);
        let except = self::ids("/except", &request.except, &mut fields);
        if !ids.is_empty() && !except.is_empty() {
            fields.fault("/except", "conflict", "name accounts, or those that are to stay, not both");
        }
        fields.finish()?;
        Ok(Self { realm, audit, kind: kind.unwrap_or(Kind::Unused), ids, except })
    }
}

fn ids(pointer: &'static str, given: &[String], fields: &mut Fields) -> Vec<CustomerId> {
    if given.len() > NAMED {
        fields.fault(pointer, "out_of_range", "name at most 10,000 accounts");
    }
    let mut ids: Vec<CustomerId> = given.iter().filter_map(|id| CustomerId::from_str(id).ok()).collect();
    if ids.len() != given.len() {
        fields.fault(pointer, "malformed", "this is not an id of the kind asked for");
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What is kept out from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocking {
    /// The e-mail addresses.
    pub emails: bool,
    /// Their domains, but for those of large mail providers and those where other customers are; only for spam.
    pub domains: bool,
    /// For how many days; 0 for ever.
    pub days: i32,
}

impl Blocking {
    /// Reads a request.
    pub fn parse(request: &pb::BeginCleanupRequest, kind: Kind, fields: &mut Fields) -> Self {
        if request.block_domains && kind != Kind::Spam {
            fields.fault("/block/domains", "conflict", "domains are kept out only where accounts are removed as spam");
        }
        if !(0..=3650).contains(&request.block_days) {
            fields.fault("/block/days", "out_of_range", "addresses are kept out for 1 to 3650 days, or 0 for ever");
        }
        Self { emails: request.block_emails, domains: request.block_domains, days: request.block_days }
    }

    /// Whether anything is.
    #[must_use]
    pub const fn is_asked(self) -> bool {
        self.emails || self.domains
    }
}
