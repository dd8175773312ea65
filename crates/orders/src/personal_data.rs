//! The RPCs by which the house gathers what is kept of a person, and learns whether they can be erased (CU-15).
use kit::{Call, Db, Error as Kit, clock::Clock, failure::Violation, ids::CustomerId, ids::RealmId};
use proto::{
    base::v1::{GetPersonalDataRequest, PersonalData},
    orders::v1::{
        CountOpenPaymentsRequest, CountOpenPaymentsResponse, personal_data_service_server::PersonalDataService,
    },
};
use tonic::{Request, Response, Status};

use crate::{holdings::TABLES, payment::store};

/// Their server.
pub struct Personal {
    /// Database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

#[tonic::async_trait]
impl PersonalDataService for Personal {
    async fn get_personal_data(
        &self,
        request: Request<GetPersonalDataRequest>,
    ) -> Result<Response<PersonalData>, Status> {
        holdings::answer((&self.db, &self.clock), TABLES, request).await
    }

    async fn count_open_payments(
        &self,
        request: Request<CountOpenPaymentsRequest>,
    ) -> Result<Response<CountOpenPaymentsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let asked = request.into_inner();
        let malformed =
            |pointer| move |_| Kit::from(Violation::new(pointer, "malformed", "this is not an id of that kind"));
        let realm: RealmId = asked.realm.parse().map_err(malformed("/realm"))?;
        let customer: CustomerId = asked.customer.parse().map_err(malformed("/customer"))?;
        let count = store::count_open(self.db.pool(), realm, customer).await.map_err(Kit::from)?;
        Ok(Response::new(CountOpenPaymentsResponse { count }))
    }
}
