//! Creating a store.
use chrono::{DateTime, Utc};
use kit::{Tx, failure::Violation, ids::StaffId};

use super::{
    shop::{Plan, Store},
    store,
};
use crate::{
    Error,
    membership::{self, Assigned, Membership, Place, Role},
};

/// A store to create.
#[derive(Debug)]
pub struct CreateStore {
    /// What it is to be.
    pub plan: Plan,
    /// The staff member who creates it: a store is never without an owner once staff made it (ID-21).
    pub owner: Option<StaffId>,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Creates a store, a realm of its own.
pub async fn create_store(tx: &mut Tx, input: CreateStore) -> Result<Store, Error> {
    if !store::is_timezone(&mut **tx, input.plan.timezone()).await? {
        return Err(Violation::new("/timezone", "unknown", "this is no time zone of the IANA database").into());
    }
    let store = input.plan.build(input.now);
    store::insert(tx, &store).await?;
    if let Some(staff) = input.owner {
        let place = Place::Store(store.id);
        membership::store::insert(tx, &Membership { staff, place, role: Assigned::BuiltIn(Role::Owner) }, input.now)
            .await?;
    }
    Ok(store)
}
