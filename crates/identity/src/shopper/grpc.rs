//! The RPCs of shoppers: authorise, parse, open tx, call, encode.
use chrono::{DateTime, Utc};
use kit::{
    Call, Error as KitError, Tx,
    actor::{Actor, Kind},
    clock::timestamp,
    denied::Denied,
    email::Email,
    ids::SessionId,
    outbox,
};
use proto::identity::v1::{self as pb, SessionRevoked, shopper_service_server::ShopperService};
use tonic::{Request, Response, Status};

use super::{
    export::export_shopper,
    preferences::{list_preferences, set_preferences},
    session::{PURPOSE, PortalSession},
    sign_in::{prove, sign_in},
    store,
    stores::list_stores,
};
use crate::{
    Error,
    account::Desk,
    session::{
        end::{announce, announce_opened},
        store::Opened,
    },
};

/// The server of these RPCs.
pub struct Shoppers {
    pub(crate) desk: Desk,
}

/// The session of the shopper who calls.
fn own(actor: &Actor) -> Result<SessionId, Denied> {
    if actor.kind != Kind::Shopper {
        return Err(Denied::WrongCaller);
    }
    actor.session.as_deref().and_then(|id| id.parse().ok()).ok_or(Denied::Unauthenticated)
}

impl Shoppers {
    async fn find(&self, actor: &Actor) -> Result<(PortalSession, Email), Error> {
        let session = store::find(self.desk.db.pool(), own(actor)?, self.desk.clock.now()).await?;
        let session = session.ok_or(Denied::Unauthenticated)?;
        let email = self.desk.secrets.open(PURPOSE, session.id.uuid().as_bytes(), &session.email).ok();
        let email = email.and_then(|email| Email::parse(&String::from_utf8(email).ok()?).ok());
        let email = email.ok_or_else(|| KitError::Internal("the address of a session cannot be opened".to_owned()))?;
        Ok((session, email))
    }
}

/// Ends those of the shopper's sessions that are `meant`; answers them.
async fn end(
    tx: &mut Tx,
    current: &PortalSession,
    now: DateTime<Utc>,
    meant: impl Fn(SessionId) -> bool,
) -> Result<Vec<Opened>, Error> {
    let mut ended = Vec::new();
    for session in store::of_shopper(&mut **tx, current.shopper_id, now).await? {
        if meant(session.id) && store::delete(tx, session.id).await? {
            let (id, subject) = (session.id.into(), current.shopper_id.into());
            outbox::publish(tx, &SessionRevoked { session: id, subject, at: Some(timestamp(now)) });
            ended.push(session);
        }
    }
    Ok(ended)
}

fn told(session: &PortalSession, email: &Email) -> pb::Shopper {
    pb::Shopper { id: session.shopper_id.into(), email: email.entered().to_owned() }
}

#[tonic::async_trait]
impl ShopperService for Shoppers {
    async fn create_portal_session(
        &self,
        request: Request<pb::CreatePortalSessionRequest>,
    ) -> Result<Response<pb::PortalSession>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        call.actor()?.require_system()?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let proven = prove(desk, &call, &request.get_ref().token).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (session, token) = sign_in(&mut tx, (desk, &call), &proven).await?;
        let (expires_at, shopper) = (Some(timestamp(session.expires_at)), Some(told(&session, &proven.email)));
        Ok(tx.answer(pb::PortalSession { token, expires_at, shopper }).await?)
    }

    async fn delete_portal_session(
        &self,
        request: Request<pb::DeletePortalSessionRequest>,
    ) -> Result<Response<pb::DeletePortalSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let id = own(actor)?;
        let mut tx = self.desk.db.begin(&call).await?;
        if store::delete(&mut tx, id).await? {
            let at = Some(timestamp(self.desk.clock.now()));
            let (session, subject) = (id.into(), actor.subject.clone());
            outbox::publish(&mut tx, &SessionRevoked { session, subject, at });
        }
        let answer = tx.answer(pb::DeletePortalSessionResponse {}).await?;
        announce(&self.desk.nats, id).await;
        Ok(answer)
    }

    async fn list_portal_sessions(
        &self,
        request: Request<pb::ListPortalSessionsRequest>,
    ) -> Result<Response<pb::ListPortalSessionsResponse>, Status> {
        let call = Call::of(&request)?;
        let (current, _) = self.find(call.actor()?).await?;
        let open = store::of_shopper(self.desk.db.pool(), current.shopper_id, self.desk.clock.now()).await?;
        let sessions = open.into_iter().map(|session| session.told(current.id)).collect();
        Ok(Response::new(pb::ListPortalSessionsResponse { sessions }))
    }

    async fn revoke_portal_session(
        &self,
        request: Request<pb::RevokePortalSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let call = Call::of(&request)?;
        let (current, _) = self.find(call.actor()?).await?;
        let id: SessionId = request.get_ref().id.parse().map_err(|_| Error::SessionNotFound)?;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = end(&mut tx, &current, self.desk.clock.now(), |session| session == id).await?;
        let ended = ended.into_iter().next().ok_or(Error::SessionNotFound)?;
        let answer = tx.answer(ended.told(current.id)).await?;
        announce(&self.desk.nats, id).await;
        Ok(answer)
    }

    async fn revoke_portal_sessions(
        &self,
        request: Request<pb::RevokePortalSessionsRequest>,
    ) -> Result<Response<pb::RevokePortalSessionsResponse>, Status> {
        let call = Call::of(&request)?;
        let (current, _) = self.find(call.actor()?).await?;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = end(&mut tx, &current, self.desk.clock.now(), |session| session != current.id).await?;
        let sessions = ended.iter().cloned().map(|session| session.told(current.id)).collect();
        let answer = tx.answer(pb::RevokePortalSessionsResponse { sessions }).await?;
        announce_opened(&self.desk.nats, &ended).await;
        Ok(answer)
    }

    async fn get_shopper(&self, request: Request<pb::GetShopperRequest>) -> Result<Response<pb::Shopper>, Status> {
        let call = Call::of(&request)?;
        let (session, email) = self.find(call.actor()?).await?;
        Ok(Response::new(told(&session, &email)))
    }

    async fn list_shopper_stores(
        &self,
        request: Request<pb::ListShopperStoresRequest>,
    ) -> Result<Response<pb::ListShopperStoresResponse>, Status> {
        let call = Call::of(&request)?;
        let (_, email) = self.find(call.actor()?).await?;
        let stores = list_stores(&self.desk, &call, &email).await?;
        Ok(Response::new(pb::ListShopperStoresResponse { stores }))
    }

    async fn list_preferences(
        &self,
        request: Request<pb::ListPreferencesRequest>,
    ) -> Result<Response<pb::ListPreferencesResponse>, Status> {
        let call = Call::of(&request)?;
        let (_, email) = self.find(call.actor()?).await?;
        let preferences = list_preferences(&self.desk, &call, &email).await?;
        Ok(Response::new(pb::ListPreferencesResponse { preferences }))
    }

    async fn export_shopper(
        &self,
        request: Request<pb::ExportShopperRequest>,
    ) -> Result<Response<pb::ExportShopperResponse>, Status> {
        let call = Call::of(&request)?;
        let (session, email) = self.find(call.actor()?).await?;
        session.require_recent(self.desk.clock.now())?;
        let records = export_shopper(&self.desk, &call, &email).await?;
        Ok(Response::new(pb::ExportShopperResponse { records }))
    }

    async fn set_preferences(
        &self,
        request: Request<pb::SetPreferencesRequest>,
    ) -> Result<Response<pb::SetPreferencesResponse>, Status> {
        let call = Call::of(&request)?;
        let (_, email) = self.find(call.actor()?).await?;
        set_preferences(&self.desk, &call, &email, request.into_inner()).await?;
        let preferences = list_preferences(&self.desk, &call, &email).await?;
        Ok(Response::new(pb::SetPreferencesResponse { preferences }))
    }
}
