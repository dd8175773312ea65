//! The RPCs of signing in with a code: authorise, parse, open tx, call, encode.
use kit::Call;
use proto::identity::v1::{self as pb, code_sign_in_service_server::CodeSignInService};
use tonic::{Request, Response, Status};

use super::{
    request::{RequestSignInCode, request_code},
    verify::{prove, sign_in},
};
use crate::{
    account::{Desk, Identity, grpc::told},
    device::tell::tell_of_sign_in,
    input,
};

/// The server of these RPCs.
pub struct CodeSignIns {
    pub(crate) desk: Desk,
}

#[tonic::async_trait]
impl CodeSignInService for CodeSignIns {
    async fn request_sign_in_code(
        &self,
        request: Request<pb::RequestSignInCodeRequest>,
    ) -> Result<Response<pb::RequestSignInCodeResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let identity = Identity::parse("/identity", &request.get_ref().identity, &visitor.front.country)?;
        desk.refuse_blocked(&call, identity.canonical(), desk.clock.now()).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let input = RequestSignInCode { visitor: &visitor, identity: &identity, now: desk.clock.now() };
        let method = request_code(desk, &call, &input).await?;
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::RequestSignInCodeResponse { method: method.to_owned() }).await?)
    }

    async fn verify_sign_in_code(
        &self,
        request: Request<pb::VerifySignInCodeRequest>,
    ) -> Result<Response<pb::SignedInAccount>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let visitor = desk.visitor(call.actor()?).await?;
        let identity = Identity::parse("/identity", &request.get_ref().identity, &visitor.front.country)?;
        desk.refuse_blocked(&call, identity.canonical(), desk.clock.now()).await?;
        let code = input::text("/code", &request.get_ref().code, 40)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let proven = prove(desk, &call, &visitor, (&identity, &code)).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (session, token) = sign_in(&mut tx, (desk, &call), (&visitor, &identity), proven).await?;
        let answer = tx.answer(told((&session, token), false)).await?;
        tell_of_sign_in(desk, &call, &visitor, &session);
        Ok(answer)
    }
}
