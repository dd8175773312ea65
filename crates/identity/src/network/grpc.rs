//! The network RPCs: authorise, parse, call, encode.
use kit::{Call, Db, clock::Clock};
use proto::identity::v1::{self as pb, network_service_server::NetworkService};
use tonic::{Request, Response, Status};

use super::{
    create::{CreateNetwork, create_network},
    network::Plan,
    store,
};
use crate::{Error, shop};

/// The server of network RPCs.
pub struct Networks {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

#[tonic::async_trait]
impl NetworkService for Networks {
    async fn create_network(
        &self,
        request: Request<pb::CreateNetworkRequest>,
    ) -> Result<Response<pb::Network>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require_system()?;
        let input = CreateNetwork { plan: Plan::parse(request.get_ref())?, now: self.clock.now() };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (network, stores) = create_network(&mut tx, input).await?;
        Ok(tx.answer(network.shown_to(actor, stores)).await?)
    }

    async fn get_network(&self, request: Request<pb::GetNetworkRequest>) -> Result<Response<pb::Network>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let id = request.get_ref().id.parse().map_err(|_| Error::NetworkNotFound)?;
        let network = store::find(self.db.pool(), id).await?;
        let network = network.filter(|network| network.is_visible_to(actor)).ok_or(Error::NetworkNotFound)?;
        let stores = shop::store::of_network(self.db.pool(), network.id).await?;
        Ok(Response::new(network.shown_to(actor, stores)))
    }
}
