//! The RPCs of reconciliation: for services of the house only.
use chrono::{DateTime, Utc};
use kit::{Call, Db, clock::Clock, reconcile};
use prost::Name;
use proto::{
    base::v1 as pb,
    orders::v1::{
        OrderPlaced, PaymentCaptured, SubscriptionStarted, reconciliation_service_server::ReconciliationService,
    },
};
use tonic::{Request, Response, Status};

use super::{claims, facts, inspect};
use crate::error::Error;

/// Answers [`ReconciliationService`].
#[derive(Clone)]
pub struct Reconciliation {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

/// Which page of facts.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Place after which it begins.
    pub after: &'a str,
    /// Only what happened until then.
    pub until: DateTime<Utc>,
    /// How many.
    pub limit: i64,
}

#[tonic::async_trait]
impl ReconciliationService for Reconciliation {
    async fn list_facts(
        &self,
        request: Request<pb::ListFactsRequest>,
    ) -> Result<Response<pb::ListFactsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let until = reconcile::until(request.until.as_ref()).map_err(Error::from)?;
        let limit = reconcile::limit(request.limit).map_err(Error::from)?;
        let wanted = Wanted { after: &request.after, until, limit };
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let facts = match (&*request.event, request.announced) {
            (event, false) if event == OrderPlaced::full_name() => facts::placed(&mut db, wanted).await?,
            (event, true) if event == OrderPlaced::full_name() => facts::announced(&mut db, wanted, event).await?,
            (event, false) if event == PaymentCaptured::full_name() => facts::captured(&mut db, wanted).await?,
            (event, false) if event == SubscriptionStarted::full_name() => facts::subscribed(&mut db, wanted).await?,
            _ => return Err(Error::from(reconcile::unknown_event()).into()),
        };
        db.finish();
        Ok(Response::new(facts))
    }

    async fn check_claims(
        &self,
        request: Request<pb::CheckClaimsRequest>,
    ) -> Result<Response<pb::CheckClaimsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let claims = reconcile::Claims::parse(&request.claims).map_err(Error::from)?;
        let unfounded = match &*request.event {
            event if event == OrderPlaced::full_name() => claims::of_orders(self.db.pool(), &claims).await?,
            event if event == PaymentCaptured::full_name() => claims::of_payments(self.db.pool(), &claims).await?,
            event if event == SubscriptionStarted::full_name() => {
                claims::of_subscriptions(self.db.pool(), &claims).await?
            }
            _ => return Err(Error::from(reconcile::unknown_event()).into()),
        };
        Ok(Response::new(pb::CheckClaimsResponse { unfounded }))
    }

    async fn inspect(&self, request: Request<pb::InspectRequest>) -> Result<Response<pb::InspectResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let until = reconcile::until(request.until.as_ref()).map_err(Error::from)?;
        let limit = reconcile::limit(request.limit).map_err(Error::from)?;
        let wanted = Wanted { after: &request.after, until, limit };
        Ok(Response::new(inspect::page(self.db.pool(), wanted, self.clock.now(), request.repair).await?))
    }
}
