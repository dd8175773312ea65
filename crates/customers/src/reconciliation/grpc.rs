//! The RPCs of reconciliation: for services of the house only.
use kit::{
    Call, Db,
    clock::Clock,
    reconcile::{self, Claims, Place},
};
use proto::{base::v1 as pb, customers::v1::reconciliation_service_server::ReconciliationService};
use tonic::{Request, Response, Status};

use super::{
    accounts, carts::Carts, counted, orders::Orders, payments::Payments, reviews::Reviews,
    subscriptions::Subscriptions, totals,
};
use crate::Error;

/// Full names of the events that figures come from.
const REGISTERED: &str = "patron.identity.v1.CustomerRegistered";
const PLACED: &str = "patron.orders.v1.OrderPlaced";
const CAPTURED: &str = "patron.orders.v1.PaymentCaptured";
const SUBMITTED: &str = "patron.reviews.v1.ReviewSubmitted";
const STARTED: &str = "patron.orders.v1.SubscriptionStarted";
const HELD: &str = "patron.carts.v1.CartHolderChanged";

/// Answers [`ReconciliationService`].
#[derive(Clone)]
pub struct Reconciliation {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

impl Reconciliation {
    async fn compare(&self, request: pb::CompareFactsRequest) -> Result<Vec<pb::Discrepancy>, Error> {
        let (mut tx, facts) = (self.db.begin_own().await?, &request.facts);
        let repair = request.repair.then(|| self.clock.now());
        let discrepancies = match &*request.event {
            PLACED => counted::compare::<Orders>(&mut tx, reconcile::events(facts)?, repair).await?,
            CAPTURED => counted::compare::<Payments>(&mut tx, reconcile::events(facts)?, repair).await?,
            SUBMITTED => counted::compare::<Reviews>(&mut tx, reconcile::events(facts)?, repair).await?,
            HELD => counted::compare::<Carts>(&mut tx, reconcile::events(facts)?, repair).await?,
            STARTED => counted::compare::<Subscriptions>(&mut tx, reconcile::events(facts)?, repair).await?,
            REGISTERED => accounts::compare(&mut tx, &reconcile::events(facts)?, repair).await?,
            _ => return Err(reconcile::unknown_event().into()),
        };
        tx.commit().await?;
        Ok(discrepancies)
    }

    async fn claims(&self, request: &pb::ListClaimsRequest) -> Result<pb::ListClaimsResponse, Error> {
        let (after, limit): (Place, _) = (request.after.parse()?, reconcile::limit(request.limit)?);
        let claims = match &*request.event {
            PLACED => counted::claims::<Orders>(self.db.pool(), after, limit).await?,
            CAPTURED => counted::claims::<Payments>(self.db.pool(), after, limit).await?,
            SUBMITTED => counted::claims::<Reviews>(self.db.pool(), after, limit).await?,
            HELD => counted::claims::<Carts>(self.db.pool(), after, limit).await?,
            STARTED => counted::claims::<Subscriptions>(self.db.pool(), after, limit).await?,
            _ => return Err(reconcile::unknown_event().into()),
        };
        let next = reconcile::next(claims.len(), limit, claims.last().map(|(place, _)| *place));
        Ok(pb::ListClaimsResponse { claims: claims.into_iter().map(|(_, claim)| claim).collect(), next })
    }

    async fn withdraw(&self, request: &pb::WithdrawClaimsRequest) -> Result<Vec<pb::Discrepancy>, Error> {
        let claims = Claims::parse(&request.claims)?;
        let repair = request.repair.then(|| self.clock.now());
        let mut tx = self.db.begin_own().await?;
        let discrepancies = match &*request.event {
            PLACED => counted::withdraw::<Orders>(&mut tx, &claims, repair).await?,
            CAPTURED => counted::withdraw::<Payments>(&mut tx, &claims, repair).await?,
            SUBMITTED => counted::withdraw::<Reviews>(&mut tx, &claims, repair).await?,
            HELD => counted::withdraw::<Carts>(&mut tx, &claims, repair).await?,
            STARTED => counted::withdraw::<Subscriptions>(&mut tx, &claims, repair).await?,
            _ => return Err(reconcile::unknown_event().into()),
        };
        tx.commit().await?;
        Ok(discrepancies)
    }

    async fn look(&self, request: &pb::InspectRequest) -> Result<pb::InspectResponse, Error> {
        let page = (request.after.parse()?, reconcile::limit(request.limit)?);
        totals::inspect(&self.db, page, request.repair.then(|| self.clock.now())).await
    }
}

#[tonic::async_trait]
impl ReconciliationService for Reconciliation {
    async fn compare_facts(
        &self,
        request: Request<pb::CompareFactsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let discrepancies = self.compare(request.into_inner()).await?;
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }

    async fn list_claims(
        &self,
        request: Request<pb::ListClaimsRequest>,
    ) -> Result<Response<pb::ListClaimsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        Ok(Response::new(self.claims(request.get_ref()).await?))
    }

    async fn withdraw_claims(
        &self,
        request: Request<pb::WithdrawClaimsRequest>,
    ) -> Result<Response<pb::DiscrepanciesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let discrepancies = self.withdraw(request.get_ref()).await?;
        Ok(Response::new(pb::DiscrepanciesResponse { discrepancies }))
    }

    async fn inspect(&self, request: Request<pb::InspectRequest>) -> Result<Response<pb::InspectResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        Ok(Response::new(self.look(request.get_ref()).await?))
    }
}
