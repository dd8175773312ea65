//! Stands in for identity: knows a few credentials and signs for them.
use std::sync::{Arc, Mutex};

use kit::{actor::Kind, assertion::Claims, denied::Denied, ids::StaffId, permission::Permissions};
use proto::identity::v1::{
    ExchangeRequest, ExchangeResponse, ListKeysRequest, ListKeysResponse, VerificationKey,
    assertion_service_server::AssertionService,
};
use testing::Actors;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// The stand-in.
pub struct Identity {
    /// Who signs.
    pub actors: Actors,
    /// How often it was asked.
    pub exchanges: Arc<Mutex<u32>>,
}

#[tonic::async_trait]
impl AssertionService for Identity {
    async fn exchange(&self, request: Request<ExchangeRequest>) -> Result<Response<ExchangeResponse>, Status> {
        if let Ok(mut count) = self.exchanges.lock() {
            *count += 1;
        }
        let request = request.into_inner();
        let claims = match (&*request.bearer, &*request.customer_token) {
            ("store_ok", "") => self.actors.claims(Kind::Anonymous, self.actors.store),
            ("store_ok", "customer_ok") => self.actors.claims(Kind::Customer, "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
            ("staff_ok", "") => {
                let staff = StaffId::from_uuid(Uuid::nil());
                Claims { perms: Permissions::all(), ..self.actors.claims(Kind::Staff, staff) }
            }
            _ => return Err(Denied::Unauthenticated.into()),
        };
        let assertion = self.actors.signer().sign(&claims).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(ExchangeResponse { assertion, expires_at: claims.exp }))
    }

    async fn list_keys(&self, _: Request<ListKeysRequest>) -> Result<Response<ListKeysResponse>, Status> {
        let key = self.actors.signer().public();
        let key = VerificationKey { id: key.id, public_key: key.bytes.to_vec().into() };
        Ok(Response::new(ListKeysResponse { keys: vec![key] }))
    }
}
