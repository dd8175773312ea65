//! The RPCs of keys of integrations: authorise, parse, call, encode.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db,
    actor::{Actor, Kind},
    audit::{self, Entry},
    clock::Clock,
    ids::ApiKeyId,
    permission::Permission,
};
use proto::identity::v1::{self as pb, api_key_service_server::ApiKeyService};
use tonic::{Request, Response, Status};

use super::{
    api_key::Plan,
    create::{CreateApiKey, create_api_key},
    revoke::{RevokeApiKey, revoke_api_key},
    store,
};
use crate::{Error, membership::Place, session::end};

/// The server of the RPCs of keys.
pub struct ApiKeys {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) nats: async_nats::Client,
}

/// Where `actor` works and may look at keys.
fn place(actor: &Actor) -> Result<Place, Error> {
    actor.require(Permission::KeysWrite)?;
    Ok(Place::worked_in(actor)?)
}

/// The same for making and ending them, which is dangerous.
fn place_to_change(actor: &Actor, now: DateTime<Utc>) -> Result<Place, Error> {
    let place = place(actor)?;
    if actor.kind != Kind::ApiKey {
        actor.require_recent(now)?;
    }
    Ok(place)
}

fn parse(id: &str) -> Result<ApiKeyId, Error> {
    id.parse().map_err(|_| Error::ApiKeyNotFound)
}

#[tonic::async_trait]
impl ApiKeyService for ApiKeys {
    async fn create_api_key(&self, request: Request<pb::CreateApiKeyRequest>) -> Result<Response<pb::ApiKey>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let place = place_to_change(actor, now)?;
        let plan = Plan::parse(request.get_ref(), now)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (key, secret) = create_api_key(&mut tx, CreateApiKey { plan, place, actor, now }).await?;
        let entry = Entry::new("api_key.created", ("api_key", key.id), now).created(key.audited());
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(key.told(secret)).await?)
    }

    async fn list_api_keys(
        &self,
        request: Request<pb::ListApiKeysRequest>,
    ) -> Result<Response<pb::ListApiKeysResponse>, Status> {
        let call = Call::of(&request)?;
        let keys = store::of_place(self.db.pool(), place(call.actor()?)?).await?;
        let keys = keys.into_iter().map(|key| key.told(String::new())).collect();
        Ok(Response::new(pb::ListApiKeysResponse { keys }))
    }

    async fn get_api_key(&self, request: Request<pb::GetApiKeyRequest>) -> Result<Response<pb::ApiKey>, Status> {
        let call = Call::of(&request)?;
        let place = place(call.actor()?)?;
        let key = store::find(self.db.pool(), parse(&request.get_ref().id)?, place).await?;
        Ok(Response::new(key.ok_or(Error::ApiKeyNotFound)?.told(String::new())))
    }

    async fn revoke_api_key(
        &self,
        request: Request<pb::RevokeApiKeyRequest>,
    ) -> Result<Response<pb::RevokeApiKeyResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let place = place_to_change(actor, now)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let key = revoke_api_key(&mut tx, RevokeApiKey { id, place, actor, now }).await?;
        let entry = Entry::new("api_key.revoked", ("api_key", id), now).removed(key.audited());
        audit::record(&mut tx, &call, entry)?;
        let answer = tx.answer(pb::RevokeApiKeyResponse {}).await?;
        end::announce(&self.nats, id).await;
        Ok(answer)
    }
}
