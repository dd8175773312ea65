//! The tariff RPC: authorise, parse, call, encode.
use std::collections::HashMap;

use kit::{Call, failure::Violation, ids::StoreId};
use proto::catalog::v1::{self as pb, tariff_service_server::TariffService};
use tonic::{Request, Response, Status};

use super::{Desk, store};
use crate::{Error, shipping_method, tax_rate};

/// Most stores at once.
const BATCH: usize = 100;

#[tonic::async_trait]
impl TariffService for Desk {
    async fn batch_get_tariffs(
        &self,
        request: Request<pb::BatchGetTariffsRequest>,
    ) -> Result<Response<pb::BatchGetTariffsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let asked = request.into_inner().stores;
        if asked.len() > BATCH {
            return Err(Violation::new("/stores", "too_many", "at most 100 stores at once").into());
        }
        let known: Vec<StoreId> = asked.iter().filter_map(|store| store.parse().ok()).collect();
        let mut tariffs = self.tariffs(&known).await?;
        let empty = |store: String| pb::Tariff { store, ..pb::Tariff::default() };
        let told = asked.into_iter().map(|id| tariffs.remove(&id).unwrap_or_else(|| empty(id))).collect();
        Ok(Response::new(pb::BatchGetTariffsResponse { tariffs: told }))
    }
}

impl Desk {
    /// The tariffs of `stores`. The version is read first: what changes meanwhile is told under an older one, and so asked
    /// for again.
    async fn tariffs(&self, stores: &[StoreId]) -> Result<HashMap<String, pb::Tariff>, Error> {
        let pool = self.db.pool();
        let versions = store::versions(pool, stores).await?;
        let mut tariffs: HashMap<String, pb::Tariff> = versions
            .into_iter()
            .map(|(id, version)| (String::from(id), pb::Tariff { store: id.into(), version, ..Default::default() }))
            .collect();
        for (id, method) in shipping_method::store::of_stores(pool, stores, true).await? {
            if let Some(tariff) = tariffs.get_mut(&String::from(id)) {
                tariff.shipping_methods.push(method.into());
            }
        }
        for (id, rate) in tax_rate::store::of_stores(pool, stores, true).await? {
            if let Some(tariff) = tariffs.get_mut(&String::from(id)) {
                tariff.tax_rates.push(rate.into());
            }
        }
        Ok(tariffs)
    }
}
