//! The assertion RPCs. Only the house exchanges: whoever presents an assertion is taken for the house, and believed about
//! where its caller came from.
use kit::{Call, Db, clock::Clock};
use proto::identity::v1::{self as pb, assertion_service_server::AssertionService};
use tonic::{Request, Response, Status};

use super::exchange;
use crate::signing::{self, Keyring};

/// The server of assertion RPCs.
pub struct Assertions {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) keyring: Keyring,
}

#[tonic::async_trait]
impl AssertionService for Assertions {
    async fn exchange(&self, request: Request<pb::ExchangeRequest>) -> Result<Response<pb::ExchangeResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let now = self.clock.now();
        let claims = exchange(&self.db, request.get_ref(), now).await?;
        let assertion = self.keyring.sign(&claims, now).await?;
        Ok(Response::new(pb::ExchangeResponse { assertion, expires_at: claims.exp }))
    }

    async fn list_keys(&self, _: Request<pb::ListKeysRequest>) -> Result<Response<pb::ListKeysResponse>, Status> {
        let keys = signing::store::published(self.db.pool(), self.clock.now()).await?;
        let keys = keys.into_iter().map(|(id, key)| pb::VerificationKey { id: id.into(), public_key: key.into() });
        Ok(Response::new(pb::ListKeysResponse { keys: keys.collect() }))
    }
}
