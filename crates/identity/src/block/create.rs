//! Adding an entry to a block list.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{BlockId, RealmId},
};

use super::{
    Block,
    block::{Plan, Value},
    store,
};
use crate::{
    Error,
    lookup::{By, Lookup},
};

/// Most entries of a customer base.
pub(super) const MOST: i64 = 10_000;

/// Adds an entry.
pub async fn create_block(
    tx: &mut Tx,
    lookup: &Lookup,
    (realm, by, plan): (RealmId, &str, Plan),
    now: DateTime<Utc>,
) -> Result<Block, Error> {
    store::prune(tx, realm, now).await?;
    if store::count(tx, realm).await? >= MOST {
        return Err(Error::TooManyBlocks);
    }
    insert(tx, lookup, (realm, by, plan), now).await?.ok_or(Error::AlreadyBlocked)
}

/// The entry, unless there is one like it.
pub(super) async fn insert(
    tx: &mut Tx,
    lookup: &Lookup,
    (realm, by, plan): (RealmId, &str, Plan),
    now: DateTime<Utc>,
) -> Result<Option<Block>, Error> {
    let hash = match &plan.value {
        Value::Email(email) => Some(lookup.hash(By::Block, email.canonical()).await?),
        Value::Ip(_) | Value::Domain(_) => None,
    };
    let block = Block {
        id: BlockId::new(now),
        kind: plan.value.kind(),
        shown: plan.value.shown(),
        reason: plan.reason,
        created_by: by.to_owned(),
        created_at: now,
        expires_at: plan.expires_at,
    };
    let is_new = store::insert(tx, realm, &block, (&plan.value, hash)).await?;
    Ok(is_new.then_some(block))
}
