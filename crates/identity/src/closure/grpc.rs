//! The RPCs of closing an account: authorise, parse, open tx, call, encode.
use kit::Call;
use proto::identity::v1::{self as pb, closure_service_server::ClosureService};
use tonic::{Request, Response, Status};

use super::{
    begin::begin_closure,
    confirm::{close, prove},
};
use crate::{
    account::{Desk, Own, notice},
    input,
    session::end::announce_opened,
};

/// The server of these RPCs.
pub struct Closures {
    pub(crate) desk: Desk,
}

#[tonic::async_trait]
impl ClosureService for Closures {
    async fn begin_closure(
        &self,
        request: Request<pb::BeginClosureRequest>,
    ) -> Result<Response<pb::BeginClosureResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let own = Own::in_person(call.actor()?)?;
        let visitor = desk.visitor(call.actor()?).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        begin_closure(desk, &call, &visitor, own).await?;
        let tx = desk.db.begin(&call).await?;
        Ok(tx.answer(pb::BeginClosureResponse {}).await?)
    }

    async fn confirm_closure(
        &self,
        request: Request<pb::ConfirmClosureRequest>,
    ) -> Result<Response<pb::ConfirmClosureResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let own = Own::in_person(call.actor()?)?;
        let visitor = desk.visitor(call.actor()?).await?;
        let code = input::text("/code", &request.get_ref().code, 40)?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        let code = prove(desk, &call, own, &code).await?;
        let person = desk.get(&call, own.customer).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = close(&mut tx, desk, own, code).await?;
        let answer = tx.answer(pb::ConfirmClosureResponse {}).await?;
        announce_opened(&desk.nats, &ended).await;
        notice::tell(desk, &call, &visitor, (&person, "account_closed")).await;
        Ok(answer)
    }
}
