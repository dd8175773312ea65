//! Asks the catalog for tariffs. Each product tells the version of its store's: one that is known under it is the newest, so
//! that a cart costs no question but that for its products as long as nothing changes.
use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use kit::{Call, ids::StoreId, stores::Stores, transport::Transport};
use moka::future::Cache;
use proto::catalog::v1::{BatchGetTariffsRequest, tariff_service_client::TariffServiceClient};

use super::Tariff;
use crate::Error;

/// For how long one is kept: the country of its store is in it, too, which no version tells of.
const KEPT: Duration = Duration::from_mins(1);

/// The tariffs of stores. Clones share what they know.
#[derive(Clone)]
pub struct Tariffs {
    catalog: TariffServiceClient<Transport>,
    stores: Stores,
    known: Cache<(StoreId, i64), Arc<Tariff>>,
}

impl Tariffs {
    /// Over this way to the catalog; `stores` tell where they are.
    #[must_use]
    pub fn new(catalog: Transport, stores: Stores) -> Self {
        let known = Cache::builder().max_capacity(10_000).time_to_live(KEPT).build();
        Self { catalog: TariffServiceClient::new(catalog), stores, known }
    }

    /// The tariffs of stores, of these versions at least; none of those that never had one.
    pub async fn of_all(
        &self,
        call: &Call,
        versions: HashMap<StoreId, i64>,
    ) -> Result<HashMap<StoreId, Arc<Tariff>>, Error> {
        let set = versions.into_iter().filter(|(_, version)| *version > 0);
        let asked = set.map(|(store, version)| async move { Ok((store, self.of(call, store, version).await?)) });
        let found: Vec<_> = try_join_all(asked).await.map_err(|error: Error| error)?;
        Ok(found.into_iter().collect())
    }

    /// However many want one at once, the catalog is asked once.
    async fn of(&self, call: &Call, store: StoreId, version: i64) -> Result<Arc<Tariff>, Error> {
        let asked = async { Ok::<_, Error>(Arc::new(self.ask(call, store).await?)) };
        let found = self.known.try_get_with((store, version), asked).await;
        found.map_err(|error| match &*error {
            Error::Kit(kit::Error::Call(status)) => Error::Kit(kit::Error::Call(status.clone())),
            other => Error::Kit(kit::Error::Internal(format!("a tariff cannot be had: {other:?}"))),
        })
    }

    async fn ask(&self, call: &Call, store: StoreId) -> Result<Tariff, Error> {
        let request = call.trace(BatchGetTariffsRequest { stores: vec![store.into()] });
        let told = self.catalog.clone().batch_get_tariffs(request).await?.into_inner();
        let told = told.tariffs.into_iter().next().unwrap_or_default();
        let home = self.stores.get(store).await?.country.clone();
        Ok(Tariff::try_from((told, home))?)
    }
}
