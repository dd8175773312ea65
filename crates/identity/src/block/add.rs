//! Adding what accounts were made with that are cleaned up (AD-3): whatever is on the list already stays as it is.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    audit::{self, Entry},
    ids::RealmId,
};
use proto::identity::v1::{self as pb, CreateBlockRequest};

use super::{
    block::{Plan, Value},
    create::{MOST, insert},
    providers, store,
};
use crate::{Error, lookup::Lookup};

/// Most entries of a request.
const AT_ONCE: usize = 100;

/// What to add, and on whose word.
#[derive(Clone, Debug)]
pub struct Additions {
    realm: RealmId,
    created_by: String,
    plans: Vec<Plan>,
}

impl Additions {
    /// Reads a request. Large mail providers are everybody's: their domains are left out, and so is what cannot be read.
    pub fn parse(request: &pb::AddBlocksRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        if request.values.len() > AT_ONCE {
            return Err(kit::Error::invalid("/values", "too_many", "add at most 100 entries at once").into());
        }
        let realm = request.realm.parse().map_err(|_| Error::StoreNotFound)?;
        let mut plans = Vec::new();
        for value in &request.values {
            let asked = CreateBlockRequest {
                kind: value.kind.clone(),
                value: value.value.clone(),
                reason: request.reason.clone(),
                expires_at: request.expires_at,
            };
            plans.extend(Plan::parse(&asked, now).ok().filter(|plan| !is_shared(&plan.value)));
        }
        Ok(Self { realm, created_by: request.created_by.clone(), plans })
    }
}

/// Whether keeping it out would keep out people who have nothing to do with it.
fn is_shared(value: &Value) -> bool {
    matches!(value, Value::Domain(domain) if providers::is_large(domain))
}

/// Adds the entries that are not there, as many as there is room for; answers how many.
pub async fn add_blocks(tx: &mut Tx, lookup: &Lookup, additions: Additions, now: DateTime<Utc>) -> Result<i64, Error> {
    let Additions { realm, created_by, plans } = additions;
    store::prune(tx, realm, now).await?;
    let room = MOST - store::count(tx, realm).await?;
    let mut added = 0;
    for plan in plans {
        if added >= room {
            break;
        }
        let Some(block) = insert(tx, lookup, (realm, &created_by, plan), now).await? else { continue };
        let entry = Entry::new("block.created", ("block", block.id), now).within(realm, None);
        audit::record_own(tx, entry.created(block.audited()));
        added += 1;
    }
    Ok(added)
}
