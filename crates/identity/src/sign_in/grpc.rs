//! The RPCs of staff sessions: authorise, parse, call, encode.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Tx,
    actor::{Actor, Kind},
    audit::{Entry, json},
    clock::{Clock, timestamp},
    denied::Denied,
    ids::{SessionId, StaffId},
    secret::Secrets,
};
use proto::identity::v1::{self as pb, create_session_response, staff_session_service_server::StaffSessionService};
use tonic::{Request, Response, Status};

use super::{
    create::{Outcome, create_session, prove},
    verify::{Answer, try_challenge, verify_factor},
};
use crate::{
    Error,
    attempt::Limits,
    audit,
    impersonation::end::end_with,
    password::Hasher,
    session::{
        self, Session, Subject,
        end::{self, EndSession, end_session},
    },
    staff,
};

/// The server of the RPCs of staff sessions.
pub struct StaffSessions {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) nats: async_nats::Client,
}

/// The staff member who calls, and their session.
pub(crate) fn own(actor: &Actor) -> Result<(StaffId, SessionId), Denied> {
    let staff = actor.staff().ok_or(Denied::WrongCaller)?;
    let session = actor.session.as_deref().and_then(|id| id.parse().ok());
    Ok((staff, session.ok_or(Denied::Unauthenticated)?))
}

/// A session of `staff` as it is told; `token` only in the answer that made it.
async fn told(
    db: impl sqlx::PgExecutor<'_>,
    session: &Session,
    token: String,
    staff: StaffId,
) -> Result<pb::StaffSession, Error> {
    let staff = staff::store::find(db, staff).await?.ok_or(Denied::Unauthenticated)?;
    let expires_at = Some(timestamp(session.latest()));
    Ok(pb::StaffSession { token, expires_at, staff: Some(staff.into()), recovery_codes: Vec::new() })
}

async fn told_new(tx: &mut Tx, call: &Call, session: &Session, token: String) -> Result<pb::StaffSession, Error> {
    let Subject::Staff(staff) = session.subject else { return Err(Denied::WrongCaller.into()) };
    let entry = Entry::new("staff.signed_in", ("session", session.id), session.authenticated_at);
    let entry = entry.by(Kind::Staff, staff).created(json!({ "methods": session.methods }));
    audit::everywhere::record(tx, call, staff, &entry).await?;
    told(&mut **tx, session, token, staff).await
}

pub(crate) async fn told_outcome(
    tx: &mut Tx,
    call: &Call,
    outcome: Outcome,
) -> Result<pb::CreateSessionResponse, Error> {
    use create_session_response::Outcome as Told;
    let enrolment_required = matches!(outcome, Outcome::Enrolment(_));
    let outcome = match outcome {
        Outcome::Session(session, token) => Told::Session(told_new(tx, call, &session, token).await?),
        Outcome::Challenge(token) | Outcome::Enrolment(token) => Told::Challenge(token),
    };
    Ok(pb::CreateSessionResponse { outcome: Some(outcome), enrolment_required })
}

impl StaffSessions {
    async fn find(&self, id: SessionId, now: DateTime<Utc>) -> Result<Session, Error> {
        Ok(session::store::find(self.db.pool(), id, now).await?.ok_or(Denied::Unauthenticated)?)
    }
}

#[tonic::async_trait]
impl StaffSessionService for StaffSessions {
    async fn create_session(
        &self,
        request: Request<pb::CreateSessionRequest>,
    ) -> Result<Response<pb::CreateSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let desk = (&self.db, &self.hasher, &self.secrets, &self.limits);
        let proven = prove(desk, request.get_ref(), call.client(), self.clock.now()).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let outcome = create_session(&mut tx, proven, call.client(), self.clock.now()).await?;
        let answer = told_outcome(&mut tx, &call, outcome).await?;
        Ok(tx.answer(answer).await?)
    }

    async fn verify_factor(
        &self,
        request: Request<pb::VerifyFactorRequest>,
    ) -> Result<Response<pb::StaffSession>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let pb::VerifyFactorRequest { challenge, code } = request.into_inner();
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let asked = try_challenge(&mut tx, &challenge, &self.secrets, now).await?;
        tx.commit().await?;
        let proof = asked.judge(&code, now)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let answer = Answer { asked: &asked, proof, client: call.client(), now };
        let (session, token, recovery_codes) = verify_factor(&mut tx, answer, &self.secrets).await?;
        let told = told_new(&mut tx, &call, &session, token).await?;
        Ok(tx.answer(pb::StaffSession { recovery_codes, ..told }).await?)
    }

    async fn get_session(&self, request: Request<pb::GetSessionRequest>) -> Result<Response<pb::StaffSession>, Status> {
        let call = Call::of(&request)?;
        let (staff, id) = own(call.actor()?)?;
        let session = self.find(id, self.clock.now()).await?;
        Ok(Response::new(told(self.db.pool(), &session, String::new(), staff).await?))
    }

    async fn delete_session(
        &self,
        request: Request<pb::DeleteSessionRequest>,
    ) -> Result<Response<pb::DeleteSessionResponse>, Status> {
        let call = Call::of(&request)?;
        let (staff, id) = own(call.actor()?)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let now = self.clock.now();
        let within = end_with(&mut tx, &[id], now).await?;
        end_session(&mut tx, EndSession { id, subject: Subject::Staff(staff), now }).await?;
        let entry = Entry::new("staff.signed_out", ("session", id), now);
        audit::everywhere::record(&mut tx, &call, staff, &entry).await?;
        let answer = tx.answer(pb::DeleteSessionResponse {}).await?;
        end::announce(&self.nats, id).await;
        end::announce_all(&self.nats, &within).await;
        Ok(answer)
    }
}
