//! The RPCs by which the house gathers what is kept of a person, learns whether they can be erased (CU-15), and whether they
//! ever bought (AD-2).
use kit::{
    Call, Error as Kit,
    failure::Violation,
    ids::{CustomerId, RealmId},
};
use proto::orders::v1::{CountOpenPaymentsRequest, CountOpenPaymentsResponse};
use tonic::{Request, Response, Status};

use crate::{holdings::TABLES, payment::store};

/// Whoever has bought, or begun to; has something in their library, or downloaded it.
const TRACES: &str = "select distinct customer_id, 'order' from orders
     where realm_id = $1 and customer_id = any($2) and placed_at is not null
     union all
     select distinct customer_id, 'draft' from orders where realm_id = $1 and customer_id = any($2) and placed_at is null
     union all
     select distinct customer_id, 'subscription' from subscriptions where realm_id = $1 and customer_id = any($2)
     union all
     select distinct customer_id, 'checkout' from checkouts where realm_id = $1 and customer_id = any($2)
     union all
     select distinct customer_id, 'library' from library_entries where realm_id = $1 and customer_id = any($2)
     union all
     select distinct customer_id, 'gift' from gifts where realm_id = $1 and customer_id = any($2)
     union all
     select distinct customer_id, 'download' from download_uses where realm_id = $1 and customer_id = any($2)";

/// Subscriptions, what is in the library, and what was downloaded; orders are counted by customers.
const MOVES: &str = "select 'subscriptions', count(*) from subscriptions where realm_id = $1 and customer_id = $2
     union all
     select 'library', count(distinct product_id) from library_entries where realm_id = $1 and customer_id = $2
     union all
     select 'downloads', count(*) from download_uses where realm_id = $1 and customer_id = $2";

holdings::personal_data!(orders, TABLES {
    async fn count_moves(
        &self,
        request: tonic::Request<proto::base::v1::CountMovesRequest>,
    ) -> Result<tonic::Response<proto::base::v1::Moves>, tonic::Status> {
        holdings::moves::count_moves(&self.db, MOVES, request).await
    }

    async fn find_traces(
        &self,
        request: tonic::Request<proto::base::v1::FindTracesRequest>,
    ) -> Result<tonic::Response<proto::base::v1::Traces>, tonic::Status> {
        holdings::traces::find_traces(&self.db, TRACES, request).await
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
});
