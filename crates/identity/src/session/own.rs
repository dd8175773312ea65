//! The RPCs of the calling staff member's own sessions: authorise, parse, call, encode.
use kit::{
    Call, Db,
    actor::RECENT,
    audit::{self, Entry, json},
    clock::{Clock, timestamp},
    denied::Denied,
    secret::{self, Secrets},
};
use proto::identity::v1::{self as pb, own_session_service_server::OwnSessionService};
use tonic::{Request, Response, Status};

use super::{
    Kind, Subject,
    end::{EndSession, announce, announce_all, end_all, end_session},
    store,
};
use crate::{
    Error,
    attempt::Limits,
    impersonation::end::end_with,
    password::Hasher,
    sign_in::{grpc::own, step_up},
    staff::{self, password},
};

/// The server of the RPCs of own sessions.
pub struct OwnSessions {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) nats: async_nats::Client,
}

#[tonic::async_trait]
impl OwnSessionService for OwnSessions {
    async fn list_own_sessions(
        &self,
        request: Request<pb::ListOwnSessionsRequest>,
    ) -> Result<Response<pb::ListOwnSessionsResponse>, Status> {
        let call = Call::of(&request)?;
        let (staff, current) = own(call.actor()?)?;
        let open = store::of_staff(self.db.pool(), staff, self.clock.now()).await?;
        let sessions = open.into_iter().map(|open| open.told(current)).collect();
        Ok(Response::new(pb::ListOwnSessionsResponse { sessions }))
    }

    async fn end_own_session(
        &self,
        request: Request<pb::EndOwnSessionRequest>,
    ) -> Result<Response<pb::EndOwnSessionResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let (staff, _) = own(call.actor()?)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::SessionNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let subject = Subject::Staff(staff);
        store::find(&mut *tx, id, now).await?.filter(|own| own.subject == subject).ok_or(Error::SessionNotFound)?;
        let within = end_with(&mut tx, &[id], now).await?;
        end_session(&mut tx, EndSession { id, subject, now }).await?;
        audit::record(&mut tx, &call, Entry::new("session.ended", ("session", id), now))?;
        let answer = tx.answer(pb::EndOwnSessionResponse {}).await?;
        announce(&self.nats, id).await;
        announce_all(&self.nats, &within).await;
        Ok(answer)
    }

    async fn end_own_sessions(
        &self,
        request: Request<pb::EndOwnSessionsRequest>,
    ) -> Result<Response<pb::EndOwnSessionsResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let (staff, _) = own(call.actor()?)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let own = store::of_staff_ids(&mut tx, staff).await?;
        let within = end_with(&mut tx, &own, now).await?;
        let ended = end_all(&mut tx, Subject::Staff(staff), None, now).await?;
        audit::record(&mut tx, &call, Entry::new("sessions.ended", ("staff", staff), now))?;
        let answer = tx.answer(pb::EndOwnSessionsResponse {}).await?;
        announce_all(&self.nats, &ended).await;
        announce_all(&self.nats, &within).await;
        Ok(answer)
    }

    async fn step_up(&self, request: Request<pb::StepUpRequest>) -> Result<Response<pb::StepUpResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let (staff, session) = own(call.actor()?)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let desk = (&self.db, &self.hasher, &self.secrets, &self.limits);
        let proven = step_up::prove(desk, (staff, request.get_ref()), call.client(), now).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        step_up::consume(&mut tx, staff, &proven, now).await?;
        store::prove_anew(&mut tx, session, proven.method(), now).await?;
        let entry = Entry::new("session.confirmed", ("session", session), now);
        audit::record(&mut tx, &call, entry.created(json!({ "method": proven.method() })))?;
        let mut told = pb::StepUpResponse { until: Some(timestamp(now + RECENT)), ..Default::default() };
        if request.get_ref().renew {
            told.token = secret::token(Kind::Staff.prefix());
            let ends_at = store::renew(&mut tx, session, &told.token).await?.ok_or(Denied::Unauthenticated)?;
            told.expires_at = Some(timestamp(ends_at));
        }
        let answer = tx.answer(told).await?;
        announce(&self.nats, session).await;
        Ok(answer)
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require_recent(now)?;
        let (staff, session) = own(actor)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let person = staff::store::find(self.db.pool(), staff).await?.ok_or(Denied::Unauthenticated)?;
        let hash = password::chosen(&self.db, &self.hasher, &person, &request.get_ref().password).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        audit::record(&mut tx, &call, Entry::new("password.changed", ("staff", staff), now))?;
        staff::store::set_password(&mut tx, staff, &hash).await?;
        let ended = end_all(&mut tx, Subject::Staff(staff), Some(session), now).await?;
        let answer = tx.answer(pb::ChangePasswordResponse {}).await?;
        announce_all(&self.nats, &ended).await;
        Ok(answer)
    }
}
