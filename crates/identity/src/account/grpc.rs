//! The account RPCs: authorise, parse, open tx, call, encode.
use kit::{Call, clock::timestamp};
use proto::identity::v1::{self as pb, account_service_server::AccountService};
use tonic::{Request, Response, Status};

use super::{
    desk::Desk,
    identity::Identity,
    log_in::{log_in, prove},
    own::Own,
    register::{self, Register, register},
    request_code::{RequestCode, request_code},
};
use crate::{
    device::tell::tell_of_sign_in,
    session::{
        Session,
        end::{self, EndSession, end_session},
    },
};

/// The server of account RPCs.
pub struct Accounts {
    pub(crate) desk: Desk,
}

/// A session that was just opened, with its token.
pub(crate) fn told((session, token): (&Session, String), created: bool) -> pb::SignedInAccount {
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
        desk.refuse_blocked(&call, identity.canonical(), desk.clock.now()).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let input = RequestCode { visitor: &visitor, identity: &identity, now: desk.clock.now() };
        request_code(desk, &call, &input).await?;
        // Only what was sent counts as answered: after a failure the same key makes and sends a new code.
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::RequestCreationCodeResponse {}).await?)
    }

    async fn register(&self, request: Request<pb::RegisterRequest>) -> Result<Response<pb::SignedInAccount>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let input = Register::parse(request.get_ref(), visitor, desk.clock.now())?;
        desk.refuse_blocked(&call, input.email(), desk.clock.now()).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let code = input.prove(desk, &call).await?;
        input.allow(desk, &call).await?;
        let password_hash = register::hash(desk, &input).await?;
        let customer = register::prepare_customer(desk, &call, &input).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (session, token) = register(&mut tx, (desk, &call), &input, (code, customer, password_hash)).await?;
        let answer = tx.answer(told((&session, token), true)).await?;
        register::mark_customer(desk, &call, &input, customer).await;
        register::ask_for_email(desk, &call, &input, customer).await;
        Ok(answer)
    }

    async fn log_in(&self, request: Request<pb::LogInRequest>) -> Result<Response<pb::SignedInAccount>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let proven = prove(desk, &call, &visitor, request.get_ref(), self.desk.clock.now()).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (session, token) = log_in(&mut tx, &call, &visitor, proven).await?;
        let answer = tx.answer(told((&session, token), false)).await?;
        tell_of_sign_in(desk, &call, &visitor, &session);
        Ok(answer)
    }

    async fn log_out(&self, request: Request<pb::LogOutRequest>) -> Result<Response<pb::LogOutResponse>, Status> {
        let call = Call::of(&request)?;
        let own = Own::read(call.actor()?)?;
        let id = own.session;
        let mut tx = self.desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        end_session(&mut tx, EndSession { id, subject: own.subject(), now: self.desk.clock.now() }).await?;
        let answer = tx.answer(pb::LogOutResponse {}).await?;
        end::announce(&self.desk.nats, id).await;
        Ok(answer)
    }
}
