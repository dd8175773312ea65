//! The account RPCs: authorise, parse, open tx, call, encode.
use kit::{
    Call,
    clock::{Clock, timestamp},
    denied::Denied,
};
use proto::identity::v1::{self as pb, account_service_server::AccountService};
use tonic::{Request, Response, Status};

use super::{
    desk::Desk,
    identity::Identity,
    log_in::{log_in, prove},
    register::{self, Register, register},
    request_code::{self, RequestCode, request_code},
};
use crate::session::{
    Session, Subject,
    end::{self, EndSession, end_session},
};

/// The server of account RPCs.
pub struct Accounts {
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) nats: async_nats::Client,
}

fn told((session, token): (Session, String), created: bool) -> pb::SignedInAccount {
    pb::SignedInAccount {
        customer: session.subject.text(),
        token,
        expires_at: Some(timestamp(session.expires_at)),
        created,
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn request_creation_code(
        &self,
        request: Request<pb::RequestCreationCodeRequest>,
    ) -> Result<Response<pb::RequestCreationCodeResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let pb::RequestCreationCodeRequest { mode, identity } = request.into_inner();
        let identity = Identity::of_mode(&mode, &identity, &visitor.front.country)?;
        let input = RequestCode { visitor: &visitor, identity: &identity, now: self.clock.now() };
        desk.refuse_blocked(&call, identity.canonical(), input.now).await?;
        let found = request_code::look_up(desk, &call, &input).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let letter = request_code(&mut tx, desk, &input, found).await?;
        tx.commit().await?;
        request_code::send(desk, &call, &input, letter).await?;
        // Only what was sent counts as answered: after a failure the same key makes and sends a new code.
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::RequestCreationCodeResponse {}).await?)
    }

    async fn register(&self, request: Request<pb::RegisterRequest>) -> Result<Response<pb::SignedInAccount>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let input = Register::parse(request.get_ref(), visitor, self.clock.now())?;
        desk.refuse_blocked(&call, input.email(), self.clock.now()).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let tried = input.try_code(&mut tx, desk).await?;
        tx.commit().await?;
        let code = input.judge(desk, tried)?;
        let password_hash = register::hash(desk, &input).await?;
        let customer = register::prepare_customer(desk, &call, &input).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let signed_in = register(&mut tx, (desk, &call), &input, (code, customer, password_hash)).await?;
        let answer = tx.answer(told(signed_in, true)).await?;
        register::mark_customer(desk, &call, &input).await;
        Ok(answer)
    }

    async fn log_in(&self, request: Request<pb::LogInRequest>) -> Result<Response<pb::SignedInAccount>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let proven = prove(desk, &call, &visitor, request.get_ref(), self.clock.now()).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let signed_in = log_in(&mut tx, &call, &visitor, proven, self.clock.now()).await?;
        Ok(tx.answer(told(signed_in, false)).await?)
    }

    async fn log_out(&self, request: Request<pb::LogOutRequest>) -> Result<Response<pb::LogOutResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let subject = Subject::Customer(actor.realm()?, actor.require_customer()?);
        let id = actor.session.as_deref().and_then(|id| id.parse().ok()).ok_or(Denied::Unauthenticated)?;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        end_session(&mut tx, EndSession { id, subject, now: self.clock.now() }).await?;
        let answer = tx.answer(pb::LogOutResponse {}).await?;
        end::announce(&self.nats, id).await;
        Ok(answer)
    }
}
