//! The RPCs of places: authorise, parse, call, encode.
use kit::{
    Call, Db,
    actor::Actor,
    audit::{self, Entry},
    clock::Clock,
    denied::Denied,
    ids::{NetworkId, StoreId},
    permission::Permission,
};
use proto::identity::v1::{self as pb, place_service_server::PlaceService};
use sqlx::PgExecutor;
use tonic::{Request, Response, Status};

use super::{
    settings::require_factor,
    store::{self, Versioned},
    update_network::update_network,
    update_store::{Change, update_store},
};
use crate::{
    Error,
    membership::{self, Assigned, Membership, Place, Role},
    network::{grpc::Networks, network::Network},
    session::end,
    shop::{self, Store},
};

/// The server of the RPCs of places.
pub struct Places {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) nats: async_nats::Client,
    pub(crate) networks: Networks,
}

fn told_store(found: Versioned<Store>, actor: &Actor) -> pb::PlacedStore {
    pb::PlacedStore { store: Some(found.thing.shown_to(actor)), version: found.version }
}

impl Places {
    /// A store that `actor` works in: the one they chose, or any of the network they work for.
    async fn own(&self, actor: &Actor, id: &str) -> Result<StoreId, Error> {
        let id: StoreId = id.parse().map_err(|_| Error::StoreNotFound)?;
        let place = Place::worked_in(actor)?;
        let known = match place {
            Place::Store(own) => own == id,
            Place::Network(network) => {
                let store = shop::store::find(self.db.pool(), id).await?;
                store.is_some_and(|store| store.network == Some(network))
            }
        };
        if known { Ok(id) } else { Err(Error::StoreNotFound) }
    }

    async fn settings(&self, place: Place) -> Result<pb::PlaceSettings, Error> {
        let (factor_required, version) = store::settings(self.db.pool(), place).await?.ok_or(Denied::StoreRequired)?;
        Ok(pb::PlaceSettings { place: place.to_string(), factor_required, version })
    }
}

async fn told_network(
    db: impl PgExecutor<'_>,
    found: Versioned<Network>,
    actor: &Actor,
) -> Result<pb::PlacedNetwork, Error> {
    let stores = shop::store::of_network(db, found.thing.id).await?;
    Ok(pb::PlacedNetwork { network: Some(found.thing.shown_to(actor, stores)), version: found.version })
}

#[tonic::async_trait]
impl PlaceService for Places {
    async fn get_placed_store(
        &self,
        request: Request<pb::GetPlacedStoreRequest>,
    ) -> Result<Response<pb::PlacedStore>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let id = self.own(actor, &request.get_ref().id).await?;
        let thing = shop::store::find(self.db.pool(), id).await?.ok_or(Error::StoreNotFound)?;
        let version = store::store_version(self.db.pool(), id).await?;
        Ok(Response::new(told_store(Versioned { thing, version }, actor)))
    }

    async fn update_store(
        &self,
        request: Request<pb::UpdateStoreRequest>,
    ) -> Result<Response<pb::PlacedStore>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::SettingsWrite)?;
        let id = self.own(actor, &request.get_ref().id).await?;
        let change = Change::parse(request.get_ref())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let updated = update_store(&mut tx, (id, change), &call, self.clock.now()).await?;
        Ok(tx.answer(told_store(updated, actor)).await?)
    }

    async fn list_networks(
        &self,
        request: Request<pb::ListNetworksRequest>,
    ) -> Result<Response<pb::ListNetworksResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let own: Option<NetworkId> = actor.network.as_deref().and_then(|id| id.parse().ok());
        let found = match (actor.staff(), own) {
            (Some(staff), _) => store::networks_of(self.db.pool(), staff).await?,
            (None, Some(own)) if actor.is_staff() => store::network(self.db.pool(), own).await?.into_iter().collect(),
            (None, None) if actor.is_staff() => Vec::new(),
            _ => return Err(Denied::WrongCaller.into()),
        };
        let mut networks = Vec::new();
        for network in found {
            networks.push(told_network(self.db.pool(), network, actor).await?);
        }
        Ok(Response::new(pb::ListNetworksResponse { networks }))
    }

    async fn found_network(
        &self,
        request: Request<pb::CreateNetworkRequest>,
    ) -> Result<Response<pb::PlacedNetwork>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require(Permission::SettingsWrite)?;
        actor.require_recent(now)?;
        let staff = actor.staff().ok_or(Denied::WrongCaller)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let plan = crate::network::network::Plan::parse(request.get_ref())?;
        let has_customers = self.networks.has_customers(&call, &plan).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        for store in &plan.stores {
            if !membership::store::standing(&mut tx, staff, Place::Store(*store)).await?.is_owner {
                return Err(Error::StoreNotFound.into());
            }
        }
        let input = crate::network::create::CreateNetwork { plan, has_customers, now };
        let (network, stores) = crate::network::create::create_network(&mut tx, input).await?;
        let role = Assigned::BuiltIn(Role::Owner);
        membership::store::insert(&mut tx, &Membership { staff, place: Place::Network(network.id), role }, now).await?;
        audit::record(&mut tx, &call, Entry::new("network.created", ("network", network.id), now))?;
        let told = pb::PlacedNetwork { network: Some(network.shown_to(actor, stores)), version: 1 };
        let answer = tx.answer(told).await?;
        if let Some(session) = &actor.session {
            end::announce(&self.nats, session).await;
        }
        Ok(answer)
    }

    async fn update_network(
        &self,
        request: Request<pb::UpdateNetworkRequest>,
    ) -> Result<Response<pb::PlacedNetwork>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::SettingsWrite)?;
        let id: NetworkId = request.get_ref().id.parse().map_err(|_| Error::NetworkNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        // A store's own staff do not change the network; who is of both does, wherever they work just now.
        if Place::worked_in(actor)? != Place::Network(id) {
            let staff = actor.staff().filter(|_| actor.has_factor()).ok_or(Error::NetworkNotFound)?;
            let standing = membership::store::standing(&mut tx, staff, Place::Network(id)).await?;
            if !standing.permissions.contains(Permission::SettingsWrite) {
                return Err(Error::NetworkNotFound.into());
            }
        }
        let updated = update_network(&mut tx, (id, request.get_ref()), &call, self.clock.now()).await?;
        let told = told_network(&mut *tx, updated, actor).await?;
        Ok(tx.answer(told).await?)
    }

    async fn get_settings(
        &self,
        request: Request<pb::GetSettingsRequest>,
    ) -> Result<Response<pb::PlaceSettings>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::SettingsWrite)?;
        Ok(Response::new(self.settings(Place::worked_in(actor)?).await?))
    }

    async fn update_settings(
        &self,
        request: Request<pb::UpdateSettingsRequest>,
    ) -> Result<Response<pb::PlaceSettings>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require(Permission::SettingsWrite)?;
        actor.require_recent(now)?;
        let place = Place::worked_in(actor)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let mut ended = Vec::new();
        if let Some(required) = request.get_ref().factor_required {
            ended = require_factor(&mut tx, (place, required), &call, now).await?;
        }
        let (factor_required, version) = store::settings(&mut *tx, place).await?.ok_or(Denied::StoreRequired)?;
        let told = pb::PlaceSettings { place: place.to_string(), factor_required, version };
        let answer = tx.answer(told).await?;
        end::announce_all(&self.nats, &ended).await;
        Ok(answer)
    }
}
