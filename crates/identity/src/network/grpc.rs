//! The network RPCs: authorise, parse, call, encode.
use kit::{
    Call, Db,
    audit::{self, Entry, json},
    clock::Clock,
    ids::RealmId,
    transport::Transport,
};
use proto::{
    customers::v1::{HasCustomersRequest, customer_base_service_client::CustomerBaseServiceClient},
    identity::v1::{self as pb, network_service_server::NetworkService},
};
use tonic::{Request, Response, Status};

use super::{
    create::{CreateNetwork, create_network},
    network::Plan,
    store,
};
use crate::{Error, shop};

/// The server of network RPCs.
#[derive(Clone)]
pub struct Networks {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bases: CustomerBaseServiceClient<Transport>,
}

impl Networks {
    /// Whether there is anybody in the realms that the stores of `plan` have while they are in no network: their own.
    pub(crate) async fn has_customers(&self, call: &Call, plan: &Plan) -> Result<bool, Error> {
        let realms = plan.stores.iter().map(|store| RealmId::from_uuid(store.uuid()).into()).collect();
        let request = call.trace(HasCustomersRequest { realms });
        Ok(self.bases.clone().has_customers(request).await?.into_inner().any)
    }
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
        let plan = Plan::parse(request.get_ref())?;
        let has_customers = self.has_customers(&call, &plan).await?;
        let input = CreateNetwork { plan, has_customers, now: self.clock.now() };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (network, stores) = create_network(&mut tx, input).await?;
        let members: Vec<_> = stores.iter().map(|store| store.id.to_string()).collect();
        let entry = Entry::new("network.created", ("network", network.id), network.created_at);
        let after = json!({ "name": network.name, "currency": network.currency, "stores": members });
        audit::record(&mut tx, &call, entry.within(network.realm(), None).created(after))?;
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
