//! What identity knows about stores, kept for a minute, since every service needs a name or a currency now and then.
use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use proto::identity::v1::{GetStoreRequest, ListStoresRequest, Store, store_service_client::StoreServiceClient};

use crate::{error::Error, ids::StoreId, transport::Transport};

/// Looks stores up. Clones share the cache.
#[derive(Clone)]
pub struct Stores {
    identity: StoreServiceClient<Transport>,
    known: Cache<StoreId, Arc<Store>>,
    networks: Cache<String, Arc<[StoreId]>>,
}

impl Stores {
    /// Looks stores up at `identity`.
    #[must_use]
    pub fn new(identity: Transport) -> Self {
        let minute = Duration::from_mins(1);
        Self {
            identity: StoreServiceClient::new(identity),
            known: Cache::builder().max_capacity(10_000).time_to_live(minute).build(),
            networks: Cache::builder().max_capacity(10_000).time_to_live(minute).build(),
        }
    }

    /// The store with this id.
    pub async fn get(&self, id: StoreId) -> Result<Arc<Store>, Error> {
        if let Some(store) = self.known.get(&id).await {
            return Ok(store);
        }
        let store = self.identity.clone().get_store(GetStoreRequest { id: id.into() }).await?.into_inner();
        let store = Arc::new(store);
        self.known.insert(id, Arc::clone(&store)).await;
        Ok(store)
    }

    /// The members of a network (`net_…`).
    pub async fn members(&self, network: &str) -> Result<Arc<[StoreId]>, Error> {
        if let Some(members) = self.networks.get(network).await {
            return Ok(members);
        }
        let request = ListStoresRequest { network: network.to_owned() };
        let stores = self.identity.clone().list_stores(request).await?.into_inner().stores;
        let members: Arc<[StoreId]> = stores.iter().filter_map(|store| store.id.parse().ok()).collect();
        self.networks.insert(network.to_owned(), Arc::clone(&members)).await;
        Ok(members)
    }
}
