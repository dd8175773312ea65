//! The RPC of timelines: authorise, parse, call, encode.
use chrono::SecondsFormat;
use kit::{Call, Db, ids::CustomerId, page::Pager, permission::Permission};
use proto::customers::v1::{self as pb, timeline_service_server::TimelineService};
use tonic::{Request, Response, Status};

use super::store;
use crate::{
    Error,
    customer::{Scope, store as customers},
    fields::Fields,
};

/// Most kinds that are asked for at once.
const KINDS: usize = 50;

/// The server of timeline RPCs.
pub struct Timelines {
    pub(crate) db: Db,
    pub(crate) pager: Pager,
}

impl Timelines {
    async fn listed(&self, call: &Call, request: &pb::ListTimelineRequest) -> Result<pb::ListTimelineResponse, Error> {
        let scope = Scope::of(call.actor()?)?;
        let customer: CustomerId = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let mut fields = Fields::default();
        if request.kinds.len() > KINDS {
            fields.fault("/kinds", "too_many", "at most 50 kinds");
        }
        let kinds: Vec<String> =
            request.kinds.iter().take(KINDS).map(|kind| fields.line("/kinds", kind, 100)).collect();
        fields.finish()?;
        let context = format!("timeline {scope:?} {customer} {kinds:?}");
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let customer = customers::known_as(self.db.pool(), scope, customer).await?.ok_or(Error::CustomerNotFound)?;
        let moments = store::page(self.db.pool(), (scope, customer), &kinds, &page).await?;
        let (moments, place) = self.pager.finish(&page, moments, &context, |moment| {
            let at = moment.at.to_rfc3339_opts(SecondsFormat::Micros, true);
            vec![at, moment.kind.clone(), moment.subject.clone()]
        });
        let moments = moments.into_iter().map(super::Moment::told).collect();
        Ok(pb::ListTimelineResponse { moments, page: Some(place) })
    }
}

#[tonic::async_trait]
impl TimelineService for Timelines {
    async fn list_timeline(
        &self,
        request: Request<pb::ListTimelineRequest>,
    ) -> Result<Response<pb::ListTimelineResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::CustomersRead)?;
        Ok(Response::new(self.listed(&call, request.get_ref()).await?))
    }
}
