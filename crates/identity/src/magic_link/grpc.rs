//! The RPC of links: authorise, parse, call, encode.
use kit::Call;
use proto::identity::v1::{self as pb, magic_link_service_server::MagicLinkService};
use tonic::{Request, Response, Status};

use super::request::request_link;
use crate::{account::Desk, input};

/// The server of this RPC.
pub struct MagicLinks {
    pub(crate) desk: Desk,
}

#[tonic::async_trait]
impl MagicLinkService for MagicLinks {
    async fn request_magic_link(
        &self,
        request: Request<pb::RequestMagicLinkRequest>,
    ) -> Result<Response<pb::RequestMagicLinkResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let actor = call.actor()?;
        let visitor = if actor.is_system() { None } else { Some(desk.visitor(actor).await?) };
        let email = input::email("/email", &request.get_ref().email)?;
        desk.refuse_blocked(&call, email.canonical(), desk.clock.now()).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        request_link(desk, &call, visitor.as_ref(), &email).await?;
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::RequestMagicLinkResponse {}).await?)
    }
}
