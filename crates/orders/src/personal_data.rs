//! The RPCs by which the house gathers what is kept of a person, and learns whether they can be erased (CU-15).
use kit::{
    Call, Error as Kit,
    failure::Violation,
    ids::{CustomerId, RealmId},
};
use proto::orders::v1::{CountOpenPaymentsRequest, CountOpenPaymentsResponse};
use tonic::{Request, Response, Status};

use crate::{holdings::TABLES, payment::store};

holdings::personal_data!(orders, TABLES {
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
});
