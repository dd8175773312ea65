//! Merges one record into another (CU-13): all that customers knows of it, in one transaction. The other services move what
//! is theirs when they hear of it.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use holdings::merged::Merge;
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    clock::timestamp,
    ids::{CustomerId, RealmId, StoreId},
    outbox,
};
use proto::customers::v1 as pb;

use super::{Blocker, Field, combine::Keep, store};
use crate::{
    Error,
    consent::store as consents,
    customer::{Customer, Scope, ensure::publish_change, store as customers},
    fields::Fields,
    job::{self, Job, Kind, NewJob},
    key::Keys,
    photo::store as photos,
    record::told::told,
};

/// Services that have a part of a merge.
const SERVICES: &[&str] = &["identity", "carts", "orders", "notifications", "reviews"];

/// Two records to make one of.
#[derive(Clone, Debug)]
pub struct MergeCustomers {
    realm: RealmId,
    id: CustomerId,
    other: CustomerId,
    /// The version of this record that was seen.
    version: Option<i64>,
    other_version: i64,
    confirm: String,
    reason: String,
    ownership: String,
    keep: Keep,
    notify: bool,
    store: Option<StoreId>,
    now: DateTime<Utc>,
}

impl MergeCustomers {
    /// Reads a request of `call`: what cannot be undone is done with a key, a version, a reason and the id typed in.
    pub fn parse(request: pb::MergeCustomersRequest, call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let id = request.id.parse().map_err(|_| Error::CustomerNotFound)?;
        let mut fields = Fields::default();
        let other = fields.id("/other", &request.other);
        let reason = fields.line("/reason", &request.reason, 500);
        if reason.is_empty() {
            fields.fault("/reason", "required", "say why");
        }
        let ownership = fields.line("/ownership", &request.ownership, 500);
        let keep = keep(request.keep.into_iter().collect(), &mut fields);
        fields.finish()?;
        let other = other.ok_or(Error::CustomerNotFound)?;
        let actor: &Actor = call.actor()?;
        Ok(Self {
            realm: actor.realm()?,
            id,
            other,
            version: call.expected_version(),
            other_version: request.other_version,
            confirm: request.confirm,
            reason,
            ownership,
            keep,
            notify: request.notify,
            store: actor.store,
            now,
        })
    }
}

impl MergeCustomers {
    /// What is asked for about two records that are there; answers the version of the first that was seen.
    fn check(&self, one: &Customer, other: &Customer) -> Result<i64, Error> {
        if self.id == self.other {
            Err(Error::SameCustomer)
        } else if one.id == other.id {
            Err(Error::AlreadyMerged)
        } else if self.confirm != self.other.to_string() {
            Err(Error::ConfirmationMismatch)
        } else {
            self.version.ok_or(Error::VersionRequired)
        }
    }
}

/// Reads which side of which field is kept.
fn keep(given: BTreeMap<String, String>, fields: &mut Fields) -> Keep {
    let mut keep = Keep::new();
    for (name, side) in given {
        match (Field::parse(&name), side.as_str()) {
            (Some(field), "other") => drop(keep.insert(field)),
            (Some(_), "this") => {}
            (None, _) => fields.fault("/keep", "unknown", "there is no such field to choose a side of"),
            (Some(_), _) => fields.fault("/keep", "unknown", "the side is this or other"),
        }
    }
    keep
}

/// The job that ends when every service has done its part.
pub async fn merge_customers(tx: &mut Tx, (call, keys): (&Call, &Keys), input: MergeCustomers) -> Result<Job, Error> {
    let (mut kept, gone) = lock(tx, &input).await?;
    let [own, others] = [&kept, &gone].map(|customer| customer.id);
    let counts =
        [store::counts(&mut **tx, input.realm, own).await?, store::counts(&mut **tx, input.realm, others).await?];
    let addresses = counts.iter().filter_map(|counts| counts.get("addresses")).sum();
    if let Some(blocker) = Blocker::of((&kept, &gone), &input.keep, addresses).first() {
        return Err(blocker.error());
    }
    let before = (told(&kept), told(&gone));
    let email = (kept.email_canonical.clone(), kept.email_identifies);
    let changed = kept.absorb(&gone, &input.keep, input.now);
    let moved = store::move_all(tx, input.realm, [gone.id, kept.id]).await?;
    photos::follow(tx, (input.realm, &kept.photo_url), [gone.id, kept.id]).await?;
    let aliases = [email, (gone.email_canonical.clone(), gone.email_identifies)].into_iter();
    let aliases: Vec<String> = aliases.filter_map(|(email, identified)| identified.then_some(email)).collect();
    let aliases: Vec<&str> =
        aliases.iter().map(String::as_str).filter(|email| *email != kept.email_canonical).collect();
    store::delete(tx, &gone, &kept, &aliases).await?;
    let present = consents::present(&mut **tx, input.realm, kept.id).await?;
    let present = present.into_iter().map(|consent| (consent.channel, consent.granted));
    kept.consents = gone.consents.clone().into_iter().chain(kept.consents).chain(present).collect();
    customers::save(tx, &kept).await?;
    publish_change(tx, &kept, &changed).await?;
    let job = begin(tx, call, (&kept, &gone), &input).await?;
    job::record_own(tx, &job, moved, input.now).await?;
    record(tx, (call, keys), (&kept, &gone), (&input, before)).await?;
    Ok(job)
}

/// Both records as they were seen, locked in the order of their ids.
async fn lock(tx: &mut Tx, input: &MergeCustomers) -> Result<(Customer, Customer), Error> {
    // A merge gives way: whoever waits for it is a shopper, and it can be tried again.
    sqlx::raw_sql("set local lock_timeout = '700ms'").execute(&mut **tx).await?;
    let realm = input.realm;
    let scope = Scope::realm(realm);
    let one = customers::find(&mut **tx, scope, input.id).await?.ok_or(Error::CustomerNotFound)?.customer;
    let other = customers::find(&mut **tx, scope, input.other).await?.ok_or(Error::CustomerNotFound)?.customer;
    let version = input.check(&one, &other)?;
    store::hold_emails(tx, realm, [&one.email_canonical, &other.email_canonical]).await?;
    let mut ids = [one.id, other.id];
    ids.sort_unstable();
    let first = customers::lock(tx, realm, ids[0]).await?.ok_or(Error::CustomerNotFound)?;
    let second = customers::lock(tx, realm, ids[1]).await?.ok_or(Error::CustomerNotFound)?;
    let (kept, gone) = if first.id == one.id { (first, second) } else { (second, first) };
    // What was merged meanwhile answers as another record, whose version is another one, too.
    if kept.id != one.id || kept.version != version {
        return Err(kit::Error::Stale { current: kept.version }.into());
    }
    if gone.id != other.id || gone.version != input.other_version {
        return Err(Error::OtherStale { current: gone.version });
    }
    Ok((kept, gone))
}

/// Begins the job, has the old id answer as the kept one, and tells everybody.
async fn begin(
    tx: &mut Tx,
    call: &Call,
    (kept, gone): (&Customer, &Customer),
    input: &MergeCustomers,
) -> Result<Job, Error> {
    let new = NewJob {
        realm: input.realm,
        kind: Kind::Merge,
        customer: kept.id,
        services: SERVICES,
        created_by: call.actor()?.subject.clone(),
        now: input.now,
    };
    let job = job::begin(tx, new).await?;
    Merge { realm: input.realm, job: job.id, kept: kept.id, gone: gone.id, at: input.now }.follow(tx).await?;
    let from = match (input.notify, input.store) {
        (false, _) => None,
        (true, Some(store)) => Some(store),
        (true, None) => store::store_of(&mut **tx, input.realm, kept.id).await?,
    };
    let merged = pb::CustomersMerged {
        realm: input.realm.into(),
        job: job.id.into(),
        kept: kept.id.into(),
        gone: gone.id.into(),
        at: Some(timestamp(input.now)),
        phone: gone.phone_verified_at.is_some() && kept.phone == gone.phone,
        notify_from: from.map(String::from).unwrap_or_default(),
    };
    outbox::publish(tx, &merged);
    Ok(job)
}

/// Records who did it, why, and how both were verified to be the same person's.
async fn record(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (kept, gone): (&Customer, &Customer),
    (input, before): (&MergeCustomers, (serde_json::Value, serde_json::Value)),
) -> Result<(), Error> {
    let entry = Entry::new("customer.merged", ("customer", kept.id), input.now);
    let entry = match keys.key(tx, (kept.realm, kept.id), input.now).await? {
        Some(key) => entry.sealed_by(&key),
        None => entry.about(kept.id),
    };
    let after = json!({ "merged": gone.id.to_string(), "ownership": input.ownership, "record": told(kept) });
    let before = json!({ "record": before.0, "merged_record": before.1 });
    audit::record(tx, call, entry.about(gone.id).because(input.reason.clone()).changed(before, after))?;
    Ok(())
}
