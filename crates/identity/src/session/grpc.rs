//! The RPCs of a customer's own sessions: authorise, parse, open tx, call, encode.
use kit::{Call, ids::SessionId};
use proto::identity::v1::{self as pb, customer_session_service_server::CustomerSessionService};
use tonic::{Request, Response, Status};

use super::{
    end::{announce, announce_opened, end_sessions, revoke_session},
    store,
};
use crate::{
    Error,
    account::{Desk, Own},
};

/// The server of these RPCs.
pub struct CustomerSessions {
    pub(crate) desk: Desk,
}

#[tonic::async_trait]
impl CustomerSessionService for CustomerSessions {
    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Result<Response<pb::ListSessionsResponse>, Status> {
        let own = Own::in_person(Call::of(&request)?.actor()?)?;
        let sessions = store::of_subject(self.desk.db.pool(), own.subject(), self.desk.clock.now()).await?;
        let sessions = sessions.into_iter().map(|session| session.told(own.session)).collect();
        Ok(Response::new(pb::ListSessionsResponse { sessions }))
    }

    async fn revoke_session(
        &self,
        request: Request<pb::RevokeSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let call = Call::of(&request)?;
        let own = Own::in_person(call.actor()?)?;
        let id: SessionId = request.get_ref().id.parse().map_err(|_| Error::SessionNotFound)?;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = revoke_session(&mut tx, own.subject(), id, self.desk.clock.now()).await?;
        let answer = tx.answer(ended.told(own.session)).await?;
        announce(&self.desk.nats, id).await;
        Ok(answer)
    }

    async fn revoke_sessions(
        &self,
        request: Request<pb::RevokeSessionsRequest>,
    ) -> Result<Response<pb::RevokeSessionsResponse>, Status> {
        let call = Call::of(&request)?;
        let own = Own::in_person(call.actor()?)?;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let keep = request.get_ref().others.then_some(own.session);
        let ended = end_sessions(&mut tx, own.subject(), keep, self.desk.clock.now()).await?;
        let sessions = ended.iter().cloned().map(|session| session.told(own.session)).collect();
        let answer = tx.answer(pb::RevokeSessionsResponse { sessions }).await?;
        announce_opened(&self.desk.nats, &ended).await;
        Ok(answer)
    }
}
