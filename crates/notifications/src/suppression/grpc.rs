//! The RPCs of suppressions: authorise, parse, open tx, call, encode.
use kit::{Call, Db, clock::Clock, page::Pager, permission::Permission, reads::Reads};
use proto::notifications::v1::{self as pb, suppression_service_server::SuppressionService};
use tonic::{Request, Response, Status};

use super::{lift::lift, list::ListSuppressions, store};
use crate::error::Error;

/// The server of these RPCs.
pub struct Suppressions {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) reads: Reads,
}

#[tonic::async_trait]
impl SuppressionService for Suppressions {
    async fn list_suppressions(
        &self,
        request: Request<pb::ListSuppressionsRequest>,
    ) -> Result<Response<pb::ListSuppressionsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::MessagesRead)?;
        let list = ListSuppressions::parse(request.get_ref(), actor, &self.pager)?;
        let rows = store::list(self.db.pool(), &list.filter, &list.page, list.from).await.map_err(Error::from)?;
        let (rows, page) = list.finish(&self.pager, rows);
        self.reads.note(&call, rows.iter().filter_map(|one| one.customer_id));
        let suppressions = rows.into_iter().map(|one| one.told(actor.sees_pii())).collect();
        Ok(Response::new(pb::ListSuppressionsResponse { suppressions, page: Some(page) }))
    }

    async fn lift_suppression(
        &self,
        request: Request<pb::LiftSuppressionRequest>,
    ) -> Result<Response<pb::LiftSuppressionResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::MessagesWrite)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::SuppressionNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        lift(&mut tx, &call, id, self.clock.now()).await?;
        Ok(tx.answer(pb::LiftSuppressionResponse {}).await?)
    }
}
