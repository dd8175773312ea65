//! An entry of the audit in the API's shape.
use chrono::{DateTime, Utc};
use proto::{base::v1::AuditedPerson, identity::v1 as pb};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::shape::{text, time};

/// An entry of the audit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "aud_5f0c8d2e6b1a4f7f9a3e2d1c0b9a8f7e", "number": 1042, "at": "2026-03-02T12:00:00Z",
    "service": "catalog", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "actor": {"kind": "staff", "id": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a"}, "impersonator": null,
    "actor_name": "Olive Owner", "session": "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c", "action": "product.updated",
    "target": {"kind": "product", "id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"}, "customers": [],
    "reason": null, "before": {"active": true}, "after": {"active": false}, "ip": "203.0.113.7",
    "request_id": "req_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "redacted": [],
}))]
pub struct Entry {
    /// `aud_…`.
    pub id: String,
    /// Its place in the chain, from 1.
    pub number: i64,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Service that it was done in.
    pub service: String,
    /// Store that it was done in.
    pub store: Option<String>,
    /// In whose name.
    pub actor: Person,
    /// Who really acted, when it was an impersonation.
    pub impersonator: Option<Person>,
    /// Name of the staff member who really acted.
    pub actor_name: Option<String>,
    /// Session of whoever really acted.
    pub session: Option<String>,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: Target,
    /// Customers whom it concerns.
    pub customers: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// What was there before.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What is there since.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// Network address of whoever really acted.
    pub ip: Option<String>,
    /// Request that it was done in.
    pub request_id: Option<String>,
    /// SHA-256 of the former entry's hash and this entry, in hexadecimal digits.
    pub hash: String,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// Somebody in an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// `staff`, `api_key`, `customer` or `system`.
    pub kind: String,
    /// An id, or the name of a service.
    pub id: String,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Target {
    /// Its kind, such as `product`.
    pub kind: String,
    /// Its id; absent when it was several.
    pub id: Option<String>,
}

impl From<AuditedPerson> for Person {
    fn from(person: AuditedPerson) -> Self {
        Self { kind: person.kind, id: person.id }
    }
}

impl From<pb::Entry> for Entry {
    fn from(entry: pb::Entry) -> Self {
        let read = |text: &str| serde_json::from_str(text).ok();
        Self {
            before: read(&entry.before),
            after: read(&entry.after),
            id: entry.id,
            number: entry.number,
            at: time(entry.at),
            service: entry.service,
            store: text(entry.store),
            actor: entry.actor.unwrap_or_default().into(),
            impersonator: entry.impersonator.map(Into::into),
            actor_name: text(entry.actor_name),
            session: text(entry.session),
            action: entry.action,
            target: Target { kind: entry.target_kind, id: text(entry.target) },
            customers: entry.customers,
            reason: text(entry.reason),
            ip: text(entry.ip),
            request_id: text(entry.request_id),
            hash: entry.hash,
            redacted: entry.redacted,
        }
    }
}
