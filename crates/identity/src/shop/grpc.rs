//! The store RPCs: authorise, parse, call, encode.
use kit::{
    Call, Db,
    actor::{Actor, Kind},
    audit::{self, Entry},
    clock::Clock,
    denied::Denied,
    ids::NetworkId,
    permission::Permission,
};
use proto::identity::v1::{self as pb, store_service_server::StoreService};
use tonic::{Request, Response, Status};

use super::{
    create::{CreateStore, create_store},
    shop::{Plan, Store},
    store,
};
use crate::Error;

/// The server of store RPCs.
pub struct Stores {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

impl Stores {
    /// The stores that `actor` may work in.
    async fn of(&self, actor: &Actor) -> Result<Vec<Store>, Error> {
        let db = self.db.pool();
        match (actor.staff(), actor.store) {
            (Some(staff), _) => store::of_staff(db, staff).await,
            (None, Some(own)) => Ok(store::find(db, own).await?.into_iter().collect()),
            (None, None) => store::of_realm(db, actor.realm()?).await,
        }
    }

    async fn list(&self, actor: &Actor, network: &str) -> Result<Vec<Store>, Error> {
        let network: Option<NetworkId> = match network {
            "" => None,
            network => Some(network.parse().map_err(|_| Error::NetworkNotFound)?),
        };
        match network {
            Some(network) if actor.is_system() => store::of_network(self.db.pool(), network).await,
            None if actor.is_system() => store::all(self.db.pool()).await,
            network => {
                let mut stores = self.of(actor).await?;
                stores.retain(|store| network.is_none() || store.network == network);
                Ok(stores)
            }
        }
    }
}

/// Services, and staff with the permission. A key creates no store: nobody would own it.
fn require_create(actor: &Actor) -> Result<(), Error> {
    actor.require(Permission::SettingsWrite)?;
    if actor.kind == Kind::ApiKey { Err(Denied::WrongCaller.into()) } else { Ok(()) }
}

#[tonic::async_trait]
impl StoreService for Stores {
    async fn create_store(&self, request: Request<pb::CreateStoreRequest>) -> Result<Response<pb::Store>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        require_create(actor)?;
        let plan = Plan::parse(request.get_ref())?;
        let input = CreateStore { plan, owner: actor.staff(), now: self.clock.now() };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let store = create_store(&mut tx, input).await?;
        let entry = Entry::new("store.created", ("store", store.id), store.created_at).created(store.told());
        if !actor.is_system() {
            audit::record(&mut tx, &call, entry.clone())?; // where they work, too
        }
        audit::record(&mut tx, &call, entry.within(store.realm, Some(store.id)))?;
        Ok(tx.answer(store.shown_to(actor)).await?)
    }

    async fn get_store(&self, request: Request<pb::GetStoreRequest>) -> Result<Response<pb::Store>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let id = request.get_ref().id.parse().map_err(|_| Error::StoreNotFound)?;
        let store = store::find(self.db.pool(), id).await?;
        let store = store.filter(|store| store.is_visible_to(actor)).ok_or(Error::StoreNotFound)?;
        Ok(Response::new(store.shown_to(actor)))
    }

    async fn list_stores(
        &self,
        request: Request<pb::ListStoresRequest>,
    ) -> Result<Response<pb::ListStoresResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let stores = self.list(actor, &request.get_ref().network).await?;
        let stores = stores.into_iter().map(|store| store.shown_to(actor)).collect();
        Ok(Response::new(pb::ListStoresResponse { stores }))
    }
}
