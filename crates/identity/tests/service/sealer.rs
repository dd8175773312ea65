//! Stands in for customers, as far as sealed values are concerned: a key for each, which can be destroyed.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kit::{customer_key::CustomerKey, ids::CustomerId};
use proto::customers::v1::{self as pb, sealing_service_server::SealingService};
use tonic::{Request, Response, Status};

/// The stand-in. Clones share the keys.
#[derive(Clone, Default)]
pub struct Sealer(Arc<Mutex<HashMap<CustomerId, CustomerKey>>>);

impl Sealer {
    fn keys(&self) -> MutexGuard<'_, HashMap<CustomerId, CustomerKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of `customer`, made when there is none.
    pub fn key(&self, customer: CustomerId) -> CustomerKey {
        self.keys().entry(customer).or_insert_with(|| CustomerKey::fresh(customer)).clone()
    }

    pub fn destroy(&self, customer: CustomerId) {
        self.keys().remove(&customer);
    }
}

#[tonic::async_trait]
impl SealingService for Sealer {
    async fn seal(&self, request: Request<pb::SealRequest>) -> Result<Response<pb::SealResponse>, Status> {
        let pb::SealRequest { purpose, values, .. } = request.into_inner();
        let seal = |value: pb::PlainValue| {
            let customer = value.customer.parse().map_err(|_| Status::invalid_argument("no customer's id"))?;
            Ok(self.key(customer).seal(&purpose, &value.plain).into())
        };
        Ok(Response::new(pb::SealResponse { sealed: values.into_iter().map(seal).collect::<Result<_, Status>>()? }))
    }

    async fn open(&self, request: Request<pb::OpenRequest>) -> Result<Response<pb::OpenResponse>, Status> {
        let pb::OpenRequest { purpose, values, .. } = request.into_inner();
        let keys = self.keys();
        let values = values.into_iter().map(|value| {
            let key = value.customer.parse().ok().and_then(|customer: CustomerId| keys.get(&customer));
            let plain = key.and_then(|key| key.open(&purpose, &value.sealed).ok());
            pb::OpenedValue { plain: plain.map(Into::into) }
        });
        Ok(Response::new(pb::OpenResponse { values: values.collect() }))
    }
}
