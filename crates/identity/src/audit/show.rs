//! Entries as callers see them: personal values opened for those who may see them, masked for others (ID-23).
use std::collections::HashMap;

use kit::{
    Call,
    clock::timestamp,
    ids::{CustomerId, StaffId},
    sealed,
    transport::Transport,
};
use proto::{
    base::v1::AuditedPerson,
    customers::v1::{OpenRequest, SealedValue, sealing_service_client::SealingServiceClient},
    identity::v1 as pb,
};
use serde_json::Value;

use super::Entry;
use crate::Error;

/// How many values are opened at once.
const BATCH: usize = 1_000;

/// What was sealed, and whose it is.
type Sealed = (CustomerId, Vec<u8>);

/// Names of staff members.
pub type Names = HashMap<StaffId, String>;

/// What sealed values were opened to.
#[derive(Debug, Default)]
pub struct Opened(HashMap<Sealed, Vec<u8>>);

impl Opened {
    /// Has customers open what is sealed in `entries`.
    pub async fn of(
        entries: &[Entry],
        sealing: &mut SealingServiceClient<Transport>,
        call: &Call,
    ) -> Result<Self, Error> {
        let mut found: Vec<Sealed> = Vec::new();
        for entry in entries {
            for text in [&entry.reason, &entry.before, &entry.after] {
                sealed::find(&read(text), &mut found);
            }
        }
        let Some(first) = entries.first() else { return Ok(Self::default()) };
        let mut opened = HashMap::new();
        for batch in found.chunks(BATCH) {
            let value =
                |(owner, sealed): &Sealed| SealedValue { customer: owner.to_string(), sealed: sealed.clone().into() };
            let request = OpenRequest {
                realm: first.realm_id.into(),
                purpose: sealed::PURPOSE.to_owned(),
                values: batch.iter().map(value).collect(),
            };
            let answer = sealing.open(call.trace(request)).await.map_err(kit::Error::from)?.into_inner();
            let plain = batch.iter().zip(answer.values).filter_map(|(key, value)| Some((key.clone(), value.plain?)));
            opened.extend(plain.map(|(key, plain)| (key, plain.to_vec())));
        }
        Ok(Self(opened))
    }

    /// Whose values were opened.
    pub fn owners(&self) -> impl Iterator<Item = CustomerId> {
        self.0.keys().map(|(owner, _)| *owner)
    }

    fn get(&self, owner: CustomerId, bytes: &[u8]) -> Option<Vec<u8>> {
        self.0.get(&(owner, bytes.to_vec())).cloned()
    }
}

/// `entry` with what was `opened`; masked without it. `names` are those of staff members.
#[must_use]
pub fn show(entry: Entry, opened: Option<&Opened>, names: &Names) -> pb::Entry {
    let mut redacted = Vec::new();
    let mut part = |name: &str, text: &str| {
        let mut value = read(text);
        match opened {
            Some(opened) => sealed::open(&mut value, &|owner, bytes| opened.get(owner, bytes)),
            None => redacted.extend(sealed::mask(&mut value).then(|| name.to_owned())),
        }
        value
    };
    let (before, after) = (part("before", &entry.before), part("after", &entry.after));
    let mut reason = part("reason", &entry.reason).as_str().unwrap_or_default().to_owned();
    // Free text, and about a person.
    if opened.is_none() && !entry.customers.is_empty() && !reason.is_empty() {
        "***".clone_into(&mut reason);
        if !redacted.iter().any(|name| name == "reason") {
            redacted.push("reason".to_owned());
        }
    }
    let mut ip = entry.ip;
    if opened.is_none() && !ip.is_empty() {
        "***".clone_into(&mut ip);
        redacted.push("ip".to_owned());
    }
    let acted = if entry.impersonator_id.is_empty() { &entry.actor_id } else { &entry.impersonator_id };
    let actor_name = acted.parse().ok().and_then(|staff: StaffId| names.get(&staff).cloned());
    let person = |kind: String, id: String| AuditedPerson { kind, id };
    pb::Entry {
        hash: hex::encode(&entry.hash),
        id: entry.id.into(),
        number: entry.number,
        at: Some(timestamp(entry.at)),
        service: entry.service,
        store: entry.store_id.map(String::from).unwrap_or_default(),
        actor: Some(person(entry.actor_kind, entry.actor_id)),
        impersonator: (!entry.impersonator_id.is_empty())
            .then(|| person(entry.impersonator_kind, entry.impersonator_id)),
        actor_name: actor_name.unwrap_or_default(),
        session: entry.session,
        action: entry.action,
        target_kind: entry.target_kind,
        target: entry.target,
        customers: entry.customers.into_iter().map(|id| CustomerId::from_uuid(id).into()).collect(),
        reason,
        before: written(&before),
        after: written(&after),
        ip,
        request_id: entry.request_id,
        redacted,
    }
}

/// Staff members who are named in `entries`.
#[must_use]
pub fn staff(entries: &[Entry]) -> Vec<StaffId> {
    let ids = entries.iter().flat_map(|entry| [&entry.actor_id, &entry.impersonator_id]);
    let mut staff: Vec<StaffId> = ids.filter_map(|id| id.parse().ok()).collect();
    staff.sort_unstable();
    staff.dedup();
    staff
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn written(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}
