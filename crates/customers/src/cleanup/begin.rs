//! Begins a clean-up: what it takes to forget one it takes to forget many.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    ids::{AccountAuditId, JobId},
    permission::Permission,
};
use proto::customers::v1 as pb;

use super::{
    choice::{Blocking, Choice},
    store,
};
use crate::{
    Error,
    account::{Rules, audit::Ran},
    bulk::{
        Action, Change,
        begin::{FOUND, refuse_more},
        bulk::Asker,
        store::{self as bulk, Begun},
    },
    fields::Fields,
    job::{self, Job, Kind},
};

/// A clean-up to begin.
#[derive(Clone, Debug)]
pub struct BeginCleanup {
    pub(super) choice: Choice,
    blocking: Blocking,
    confirm: i64,
    reason: String,
    now: DateTime<Utc>,
}

impl BeginCleanup {
    /// Reads a request. It takes a fresh proof, a key to repeat it by, and for blocking the permission to.
    pub fn parse(request: &pb::BeginCleanupRequest, call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        let actor = call.actor()?;
        let realm = crate::account::grpc::realm(actor)?;
        actor.require_recent(now)?;
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let choice = Choice::parse(&request.choice.clone().unwrap_or_default(), realm)?;
        let mut fields = Fields::default();
        let reason = fields.line("/reason", &request.reason, 500);
        if reason.is_empty() {
            fields.fault("/reason", "required", "say why");
        }
        let blocking = Blocking::parse(request, choice.kind, &mut fields);
        fields.finish()?;
        if blocking.is_asked() {
            actor.require(Permission::BlocksWrite)?;
        }
        Ok(Self { choice, blocking, confirm: request.confirm, reason, now })
    }
}

/// The job, which waits to be carried out. The accounts are settled now; whether each goes is decided when it is its turn.
pub async fn begin_cleanup(tx: &mut Tx, call: &Call, (input, audit): (BeginCleanup, Ran)) -> Result<Job, Error> {
    let BeginCleanup { choice, blocking, confirm, reason, now } = input;
    if !audit.has_succeeded() {
        return Err(Error::AuditUnfinished);
    }
    refuse_more(tx, choice.realm).await?;
    let ids = store::chosen(&mut **tx, &choice, FOUND + 1).await?;
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    if count > FOUND {
        return Err(Error::TooManyCustomers);
    }
    if confirm != count || count == 0 {
        return Err(Error::CountMismatch { customers: count });
    }
    let created_by = call.actor()?.subject.clone();
    let job = Job::alone((choice.realm, JobId::new(now)), Kind::AccountCleanup, (count, created_by), now);
    job::store::insert(tx, &job).await?;
    let (change, asker) = (Change::of(Action::Cleanup, &reason), Asker::of(call, now)?);
    bulk::insert(tx, &job, &Begun { change: &change, asker: Some(&asker), ids: &ids }).await?;
    let rules: Rules = audit.audit.rules();
    store::insert(tx, job.id, (&choice, rules, blocking)).await?;
    let entry = Entry::new("account_cleanup.begun", ("job", job.id), now).created(json!({
        "kind": choice.kind.slug(),
        "accounts": count,
        "audit": AccountAuditId::from_uuid(choice.audit.uuid()).to_string(),
        "block_emails": blocking.emails,
        "block_domains": blocking.domains,
    }));
    audit::record(tx, call, entry)?;
    Ok(job)
}
