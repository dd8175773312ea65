//! Creating a network out of stores that have no customers yet.
use chrono::{DateTime, Utc};
use kit::{Error as KitError, Tx, ids::RealmId};

use super::{
    network::{self, Network, Plan},
    store,
};
use crate::{
    Error,
    shop::{self, Store},
};

/// A network to create.
#[derive(Debug)]
pub struct CreateNetwork {
    /// What it is to be.
    pub plan: Plan,
    /// Whether customers knows anybody in the stores' customer bases: leads and guests count, too.
    pub has_customers: bool,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Creates a network; its stores take over its customer base.
pub async fn create_network(tx: &mut Tx, input: CreateNetwork) -> Result<(Network, Vec<Store>), Error> {
    let members = store::lock_members(tx, &input.plan.stores).await?;
    let missing = input.plan.stores.iter().enumerate().filter(|(_, id)| members.iter().all(|store| store.id != **id));
    let missing: Vec<_> = missing.map(|(index, _)| network::unknown(index)).collect();
    if !missing.is_empty() {
        return Err(KitError::Invalid(missing).into());
    }
    if members.iter().any(|store| store.network.is_some()) {
        return Err(Error::StoreInNetwork);
    }
    let realms: Vec<RealmId> = members.iter().map(|store| store.realm).collect();
    if input.has_customers || store::have_accounts(tx, &realms).await? {
        return Err(Error::StoreHasCustomers);
    }
    let network = input.plan.build(input.now);
    store::insert(tx, &network).await?;
    store::join(tx, network.id, &input.plan.stores).await?;
    let members = shop::store::of_network(&mut **tx, network.id).await?;
    Ok((network, members))
}
