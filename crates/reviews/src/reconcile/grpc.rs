//! The RPCs of reconciliation: for services of the house only.
use kit::{Call, Db, reconcile};
use proto::{base::v1 as pb, reviews::v1::reconciliation_service_server::ReconciliationService};
use tonic::{Request, Response, Status};

use super::{facts, purchases};
use crate::error::Error;

/// Full name of the event that others hear of reviews by.
const SUBMITTED: &str = "patron.reviews.v1.ReviewSubmitted";
/// Full name of the event that purchases are known from.
const PLACED: &str = "patron.orders.v1.OrderPlaced";

/// Answers [`ReconciliationService`].
#[derive(Clone)]
pub struct Reconciliation {
    /// The database.
    pub db: Db,
}

#[tonic::async_trait]
impl ReconciliationService for Reconciliation {
    async fn list_facts(
        &self,
        request: Request<pb::ListFactsRequest>,
    ) -> Result<Response<pb::ListFactsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.get_ref();
        known(&request.event, SUBMITTED)?;
        Ok(Response::new(facts::page(self.db.pool(), request).await?))
    }

    async fn check_claims(
        &self,
        request: Request<pb::CheckClaimsRequest>,
    ) -> Result<Response<pb::CheckClaimsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.get_ref();
        known(&request.event, SUBMITTED)?;
        let claims = reconcile::Claims::parse(&request.claims).map_err(Error::from)?;
        let unfounded = facts::unfounded(self.db.pool(), &claims).await?;
        Ok(Response::new(pb::CheckClaimsResponse { unfounded }))
    }

    async fn compare_facts(
        &self,
        request: Request<pb::CompareFactsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        known(&request.event, PLACED)?;
        let orders = reconcile::events(&request.facts).map_err(Error::from)?;
        let mut tx = self.db.begin_own().await?;
        let discrepancies = purchases::compare(&mut tx, &orders, request.repair).await?;
        tx.commit().await?;
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }

    async fn list_claims(
        &self,
        request: Request<pb::ListClaimsRequest>,
    ) -> Result<Response<pb::ListClaimsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        known(&request.get_ref().event, PLACED)?;
        Ok(Response::new(purchases::claims(self.db.pool(), request.get_ref()).await?))
    }

    async fn withdraw_claims(
        &self,
        request: Request<pb::WithdrawClaimsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        known(&request.get_ref().event, PLACED)?;
        let mut tx = self.db.begin_own().await?;
        let discrepancies = purchases::withdraw(&mut tx, request.get_ref()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }
}

fn known(event: &str, expected: &str) -> Result<(), Error> {
    if event == expected { Ok(()) } else { Err(reconcile::unknown_event().into()) }
}
