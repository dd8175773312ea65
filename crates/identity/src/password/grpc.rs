//! The RPCs of passwords: authorise, parse, open tx, call, encode.
use kit::Call;
use proto::identity::v1::{self as pb, password_service_server::PasswordService};
use tonic::{Request, Response, Status};

use super::{
    reset::{self, ResetPassword, reset_password},
    set::{self, set_password},
};
use crate::{
    account::{Desk, Identity, Own, notice},
    session::end::announce_opened,
};

/// The server of these RPCs.
pub struct Passwords {
    pub(crate) desk: Desk,
}

/// What somebody is told whose password is another one now.
const CHANGED: &str = "password_changed";

#[tonic::async_trait]
impl PasswordService for Passwords {
    async fn request_password_reset(
        &self,
        request: Request<pb::RequestPasswordResetRequest>,
    ) -> Result<Response<pb::RequestPasswordResetResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let identity = Identity::parse("/identity", &request.get_ref().identity, &visitor.front.country)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        reset::request_code(desk, &call, (&visitor, &identity), desk.clock.now()).await?;
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::RequestPasswordResetResponse {}).await?)
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Result<Response<pb::ResetPasswordResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let input = ResetPassword::parse(request.get_ref(), visitor)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let proven = input.prove(desk, &call).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = reset_password(&mut tx, (desk, &call), &input, &proven).await?;
        let answer = tx.answer(pb::ResetPasswordResponse {}).await?;
        announce_opened(&desk.nats, &ended).await;
        notice::tell(desk, &call, input.visitor(), (&proven.person, CHANGED)).await;
        Ok(answer)
    }

    async fn set_password(
        &self,
        request: Request<pb::SetPasswordRequest>,
    ) -> Result<Response<pb::SetPasswordResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let own = Own::in_person(call.actor()?)?;
        let visitor = desk.visitor(call.actor()?).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let proven = set::prove(desk, &call, (&visitor, own), request.get_ref()).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = set_password(&mut tx, desk, &proven).await?;
        let answer = tx.answer(pb::SetPasswordResponse {}).await?;
        announce_opened(&desk.nats, &ended).await;
        notice::tell(desk, &call, &visitor, (&proven.person, CHANGED)).await;
        Ok(answer)
    }
}
