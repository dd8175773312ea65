//! What customers needs to know of the store somebody was met in: where numbers without a country code are from, and
//! the currencies that totals are sorted in.
use std::{sync::Arc, time::Duration};

use kit::{
    Error,
    ids::{RealmId, StoreId},
    stores::Stores,
    transport::Transport,
};
use moka::future::Cache;
use proto::identity::v1::{GetNetworkRequest, network_service_client::NetworkServiceClient};

/// Looks shops up. Clones share what is known.
#[derive(Clone)]
pub struct Shops {
    stores: Stores,
    identity: NetworkServiceClient<Transport>,
    known: Cache<StoreId, Arc<Shop>>,
}

/// A store as customers sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// Its id.
    pub id: StoreId,
    /// The customer base it belongs to.
    pub realm: RealmId,
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: String,
    /// Its own currency.
    pub currency: String,
    /// The currency of its realm: its own, or the network's.
    pub realm_currency: String,
}

impl Shops {
    /// Looks shops up at `identity`.
    pub fn new(identity: &Transport) -> Self {
        Self {
            stores: Stores::new(identity.clone()),
            identity: NetworkServiceClient::new(identity.clone()),
            known: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_mins(1)).build(),
        }
    }

    /// The store `id` of `realm`; a store of another realm is at fault.
    pub async fn get(&self, realm: RealmId, id: StoreId) -> Result<Arc<Shop>, Error> {
        let shop = if let Some(shop) = self.known.get(&id).await {
            shop
        } else {
            let shop = Arc::new(self.ask(id).await?);
            self.known.insert(id, Arc::clone(&shop)).await;
            shop
        };
        if shop.realm == realm {
            Ok(shop)
        } else {
            Err(Error::invalid("/store", "other_realm", "this store belongs to another realm"))
        }
    }

    /// The store `id` of `realm`, if one is named.
    pub async fn find(&self, realm: RealmId, id: Option<StoreId>) -> Result<Option<Arc<Shop>>, Error> {
        match id {
            Some(id) => self.get(realm, id).await.map(Some),
            None => Ok(None),
        }
    }

    async fn ask(&self, id: StoreId) -> Result<Shop, Error> {
        let store = self.stores.get(id).await?;
        let realm = store.realm.parse().map_err(|e| Error::Internal(format!("the realm of {id}: {e}")))?;
        let realm_currency = if store.network.is_empty() {
            store.currency.clone()
        } else {
            let network = GetNetworkRequest { id: store.network.clone() };
            self.identity.clone().get_network(network).await?.into_inner().currency
        };
        Ok(Shop { id, realm, country: store.country.clone(), currency: store.currency.clone(), realm_currency })
    }
}
