//! The RPCs of e-mail address and phone number: authorise, parse, open tx, call, encode.
use kit::Call;
use proto::identity::v1::{self as pb, contact_service_server::ContactService};
use tonic::{Request, Response, Status};

use super::{
    request::{RequestContactCode, request_code},
    verify::{change_contact, prove},
};
use crate::{
    account::{Desk, Identity, Own, notice},
    input,
};

/// The server of these RPCs.
pub struct Contacts {
    pub(crate) desk: Desk,
}

#[tonic::async_trait]
impl ContactService for Contacts {
    async fn request_contact_code(
        &self,
        request: Request<pb::RequestContactCodeRequest>,
    ) -> Result<Response<pb::RequestContactCodeResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let own = Own::in_person(call.actor()?)?;
        own.require_recent(desk.clock.now())?;
        let visitor = desk.visitor(call.actor()?).await?;
        let pb::RequestContactCodeRequest { mode, identity } = request.into_inner();
        let identity = Identity::of_mode(&mode, &identity, &visitor.front.country)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let (customer, now) = (own.customer, desk.clock.now());
        let input = RequestContactCode { visitor: &visitor, identity: &identity, customer, now };
        request_code(desk, &call, &input).await?;
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::RequestContactCodeResponse {}).await?)
    }

    async fn verify_contact(
        &self,
        request: Request<pb::VerifyContactRequest>,
    ) -> Result<Response<pb::VerifyContactResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let own = Own::in_person(call.actor()?)?;
        let visitor = desk.visitor(call.actor()?).await?;
        let pb::VerifyContactRequest { mode, identity, code } = request.into_inner();
        let identity = Identity::of_mode(&mode, &identity, &visitor.front.country)?;
        let code = input::text("/code", &code, 40)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let proven = prove(desk, &call, (own, &identity), &code).await?;
        // From here on it is changed, whatever becomes of the rest.
        notice::tell(desk, &call, &visitor, (&proven.former, "contact_changed")).await;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        change_contact(&mut tx, desk, (own, &identity), &proven).await?;
        Ok(tx.answer(pb::VerifyContactResponse { customer: own.customer.into() }).await?)
    }
}
