//! The RPCs of merges: authorise, parse, open tx, call, encode.
use kit::{Call, Db, actor::Kind, clock::Clock, permission::Permission, reads::Reads};
use proto::customers::v1::{self as pb, merge_service_server::MergeService};
use tonic::{Request, Response, Status};

use super::{MergeCustomers, merge_customers, preview::preview};
use crate::{Error, erasure::peers::Peers, job, key::Keys};

/// The server of merge RPCs.
pub struct Merges {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) reads: Reads,
    pub(crate) keys: Keys,
    pub(crate) peers: Peers,
}

#[tonic::async_trait]
impl MergeService for Merges {
    async fn preview_merge(
        &self,
        request: Request<pb::PreviewMergeRequest>,
    ) -> Result<Response<pb::MergePreview>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersMerge)?;
        let request = request.get_ref();
        let id = request.id.parse().map_err(|_| Error::CustomerNotFound)?;
        let malformed = |_| kit::Error::invalid("/other", "malformed", "this is not the id of a customer");
        let other = request.other.parse().map_err(malformed)?;
        let realm = actor.realm().map_err(Error::from)?;
        let shown = preview((&self.db, &self.peers), (actor, self.clock.now()), (realm, id, other)).await?;
        self.reads.note(&call, [id, other]);
        Ok(Response::new(shown))
    }

    async fn merge_customers(&self, request: Request<pb::MergeCustomersRequest>) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersMerge)?;
        if actor.kind == Kind::Staff {
            actor.require_recent(self.clock.now())?;
        }
        let input = MergeCustomers::parse(request.into_inner(), &call, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let job = merge_customers(&mut tx, (&call, &self.keys), input).await?;
        let parts = job::store::parts(&mut *tx, &job).await?;
        Ok(tx.answer(job.told(parts)).await?)
    }
}
