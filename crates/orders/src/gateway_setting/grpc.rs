//! The RPCs of gateways: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db,
    actor::{Actor, Kind},
    audit::{self, Entry},
    clock::Clock,
    denied::Denied,
    ids::StoreId,
    permission::Permission,
    secret::Secrets,
    stores::Stores,
};
use proto::orders::v1::{self as pb, gateway_service_server::GatewayService};
use tonic::{Request, Response, Status};

use super::{
    GatewaySetting,
    change::{SetGateway, set_gateway},
    store,
};
use crate::{
    error::Error,
    payment::{Stripe, stripe::account::Admission},
};

/// Answers [`GatewayService`].
#[derive(Clone)]
pub struct Settings {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Keys.
    pub secrets: Secrets,
    /// Whose account a key is of.
    pub stripe: Stripe,
    /// Where stores are.
    pub stores: Stores,
    /// The address that webhooks go to.
    pub public: String,
}

/// The store that a staff member or key works in.
fn place(actor: &Actor) -> Result<StoreId, Denied> {
    actor.require(Permission::SettingsWrite)?;
    actor.store.ok_or(Denied::StoreRequired)
}

impl Settings {
    /// The store that a shop front, or a service of the house, asks about.
    async fn shop(&self, actor: &Actor, store: &str) -> Result<StoreId, Error> {
        let wanted: Option<StoreId> =
            if store.is_empty() { actor.store } else { Some(store.parse().map_err(|_| Error::StoreNotFound)?) };
        let wanted = wanted.ok_or(Error::StoreNotFound)?;
        if actor.is_system() {
            return Ok(wanted);
        }
        if !matches!(actor.kind, Kind::Anonymous | Kind::Customer) {
            return Err(Denied::WrongCaller.into());
        }
        if actor.store == Some(wanted) {
            return Ok(wanted);
        }
        // The key of a network opens the stores in it.
        let network = actor.network.as_deref().filter(|_| actor.store.is_none()).ok_or(Error::StoreNotFound)?;
        let members = self.stores.members(network).await?;
        members.contains(&wanted).then_some(wanted).ok_or(Error::StoreNotFound)
    }
}

impl Settings {
    /// Refuses a key of another account than that in which something of `place` is underway.
    async fn admit(&self, place: StoreId, wanted: &SetGateway) -> Result<Option<Admission>, Error> {
        let Some(key) = wanted.secret_key() else { return Ok(None) };
        Ok(Some(self.stripe.admit(place, (key, wanted.force)).await?))
    }
}

#[tonic::async_trait]
impl GatewayService for Settings {
    async fn list_gateways(
        &self,
        request: Request<pb::ListGatewaysRequest>,
    ) -> Result<Response<pb::ListGatewaysResponse>, Status> {
        let call = Call::of(&request)?;
        let place = place(call.actor()?)?;
        let changed = store::of_store(self.db.pool(), place).await?;
        let all = GatewaySetting::all(place, &changed).into_iter();
        let gateways = all.map(|setting| setting.encode(&self.public)).collect();
        Ok(Response::new(pb::ListGatewaysResponse { gateways }))
    }

    async fn set_gateway(&self, request: Request<pb::SetGatewayRequest>) -> Result<Response<pb::Gateway>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let place = place(actor)?;
        // Whoever sets this decides where money goes.
        actor.require_recent(now)?;
        let wanted = SetGateway::parse(request.into_inner())?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let admitted = self.admit(place, &wanted).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let before = store::hold(&mut tx, place, wanted.gateway).await?;
        call.check_version(before.version)?;
        if let Some(admitted) = admitted {
            admitted.confirm(&mut tx, place).await?;
        }
        let (audited, name, forced) = (before.audited(), wanted.gateway.slug(), wanted.force);
        let setting = set_gateway(&mut tx, (before, wanted), &self.secrets, (&actor.label(), now)).await?;
        let entry = Entry::new("gateway.changed", ("gateway", name), now);
        let mut after = setting.audited();
        if forced {
            after["forced"] = true.into();
        }
        audit::record(&mut tx, &call, entry.changed(audited, after))?;
        Ok(tx.answer(setting.encode(&self.public)).await?)
    }

    async fn list_open_gateways(
        &self,
        request: Request<pb::ListOpenGatewaysRequest>,
    ) -> Result<Response<pb::ListOpenGatewaysResponse>, Status> {
        let call = Call::of(&request)?;
        let store = self.shop(call.actor()?, &request.get_ref().store).await?;
        let changed = store::of_store(self.db.pool(), store).await?;
        let open = GatewaySetting::all(store, &changed).into_iter().filter(GatewaySetting::is_open);
        let gateways = open.map(GatewaySetting::shown).collect();
        Ok(Response::new(pb::ListOpenGatewaysResponse { gateways }))
    }
}
