//! An entry: what was done, and the one text that its hash is of.
use std::{fmt::Display, str::FromStr};

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use kit::{
    Error as KitError,
    audit::{canonical, json},
    clock::datetime,
    ids::{CustomerId, RealmId, StoreId},
    secret::sha256,
};
use proto::base::v1::{Audited, AuditedPerson};
use uuid::Uuid;

use crate::Error;

kit::id! {
    /// An entry of the audit.
    EntryId, "aud";
}

/// SHA-256 of an entry and all before it.
pub type Hash = [u8; 32];

/// What the first entry of a chain follows on.
pub const START: Hash = [0; 32];

/// The chain of what belongs to no customer base.
pub const HOUSE: RealmId = RealmId::from_uuid(Uuid::nil());

/// An entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of the proto's Entry")]
pub struct Entry {
    pub realm_id: RealmId,
    pub number: i64,
    pub id: EntryId,
    pub at: DateTime<Utc>,
    pub service: String,
    pub store_id: Option<StoreId>,
    pub actor_kind: String,
    pub actor_id: String,
    pub impersonator_kind: String,
    pub impersonator_id: String,
    pub session: String,
    pub action: String,
    pub target_kind: String,
    pub target: String,
    pub customers: Vec<Uuid>,
    pub reason: String,
    pub before: String,
    pub after: String,
    pub ip: String,
    pub request_id: String,
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Entry {
    /// What the event of this `id` and `subject` tells, not in a chain yet.
    pub fn told(id: Uuid, subject: &str, told: Audited) -> Result<Self, Error> {
        let at = told.at.as_ref().and_then(datetime).ok_or_else(|| defect("an entry without a time"))?;
        let (actor, impersonator) = (told.actor.unwrap_or_default(), told.impersonator.unwrap_or_default());
        let (AuditedPerson { kind: actor_kind, id: actor_id }, impersonator) = (actor, impersonator);
        let customers: Vec<CustomerId> =
            told.customers.iter().map(|customer| read(customer)).collect::<Result<_, _>>()?;
        Ok(Self {
            realm_id: if told.realm.is_empty() { HOUSE } else { read(&told.realm)? },
            number: 0,
            id: EntryId::from_uuid(id),
            at: at.trunc_subsecs(6), // what the database keeps
            service: subject.split('.').nth(1).unwrap_or_default().to_owned(),
            store_id: if told.store.is_empty() { None } else { Some(read(&told.store)?) },
            actor_kind,
            actor_id,
            impersonator_kind: impersonator.kind,
            impersonator_id: impersonator.id,
            session: told.session,
            action: told.action,
            target_kind: told.target_kind,
            target: told.target,
            customers: customers.into_iter().map(CustomerId::uuid).collect(),
            reason: told.reason,
            before: told.before,
            after: told.after,
            ip: told.ip,
            request_id: told.request_id,
            previous: Vec::new(),
            hash: Vec::new(),
        })
    }

    /// The entry as the one text that stands for it. Its place follows from the hashes.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical(json!({
            "realm": self.realm_id.to_string(),
            "id": self.id.to_string(),
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "service": self.service,
            "store": self.store_id.map(String::from).unwrap_or_default(),
            "actor": [self.actor_kind, self.actor_id],
            "impersonator": [self.impersonator_kind, self.impersonator_id],
            "session": self.session,
            "action": self.action,
            "target": [self.target_kind, self.target],
            "customers": self.customers,
            "reason": self.reason,
            "before": self.before,
            "after": self.after,
            "ip": self.ip,
            "request_id": self.request_id,
        }))
    }

    /// The hash it has behind one with the hash `previous`.
    #[must_use]
    pub fn hash_behind(&self, previous: &[u8]) -> Hash {
        sha256(&[previous, self.canonical().as_bytes()].concat())
    }
}

fn read<T: FromStr<Err: Display>>(id: &str) -> Result<T, Error> {
    id.parse().map_err(|error| defect(&format!("an entry's id: {error}")))
}

fn defect(detail: &str) -> Error {
    KitError::Internal(detail.to_owned()).into()
}
