//! The RPCs of segments: authorise, parse, open tx, call, encode.
use kit::{Call, Db, clock::Clock, permission::Permission};
use proto::customers::v1::{self as pb, segment_service_server::SegmentService};
use tonic::{Request, Response, Status};

use super::{
    change::{ChangeSegment, change_segment},
    create::{CreateSegment, create_segment},
    remove::delete_segment,
    store,
};
use crate::{Error, customer::Scope};

/// The server of segment RPCs.
pub struct Segments {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

#[tonic::async_trait]
impl SegmentService for Segments {
    async fn list_segments(
        &self,
        request: Request<pb::ListSegmentsRequest>,
    ) -> Result<Response<pb::ListSegmentsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let pii = actor.sees_pii();
        let segments = store::of_scope(self.db.pool(), Scope::of(actor)?).await?;
        let segments = segments.into_iter().map(|segment| segment.told(pii)).collect();
        Ok(Response::new(pb::ListSegmentsResponse { segments }))
    }

    async fn get_segment(&self, request: Request<pb::GetSegmentRequest>) -> Result<Response<pb::Segment>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::SegmentNotFound)?;
        let segment = store::find(self.db.pool(), Scope::of(actor)?, &[id]).await?.pop();
        Ok(Response::new(segment.ok_or(Error::SegmentNotFound)?.told(actor.sees_pii())))
    }

    async fn create_segment(
        &self,
        request: Request<pb::CreateSegmentRequest>,
    ) -> Result<Response<pb::Segment>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let pii = actor.sees_pii();
        let input = CreateSegment::parse(request.get_ref(), Scope::of(actor)?, pii, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let segment = create_segment(&mut tx, &call, input).await?;
        Ok(tx.answer(segment.told(pii)).await?)
    }

    async fn change_segment(
        &self,
        request: Request<pb::ChangeSegmentRequest>,
    ) -> Result<Response<pb::Segment>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let pii = actor.sees_pii();
        let input = ChangeSegment::parse(request.get_ref(), Scope::of(actor)?, pii, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let segment = change_segment(&mut tx, &call, input).await?;
        Ok(tx.answer(segment.told(pii)).await?)
    }

    async fn delete_segment(
        &self,
        request: Request<pb::DeleteSegmentRequest>,
    ) -> Result<Response<pb::DeleteSegmentResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::SegmentNotFound)?;
        let whose = (Scope::of(actor)?, id, actor.sees_pii());
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        delete_segment(&mut tx, &call, whose, self.clock.now()).await?;
        Ok(tx.answer(pb::DeleteSegmentResponse {}).await?)
    }
}
