//! The RPCs by which the house gathers what is kept of a person (CU-15), and learns who uses their account (AD-2).
use crate::holdings::TABLES;

/// Whoever wishes for something, or ever put something into a cart.
const TRACES: &str = "select distinct customer_id, 'wish' from wishes where realm_id = $1 and customer_id = any($2)
     union all
     select distinct customer_id, 'cart' from carts c
     where realm_id = $1 and customer_id = any($2)
       and exists (select from cart_lines l where l.realm_id = $1 and l.cart_id = c.id)";

holdings::personal_data!(carts, TABLES {
    async fn find_traces(
        &self,
        request: tonic::Request<proto::base::v1::FindTracesRequest>,
    ) -> Result<tonic::Response<proto::base::v1::Traces>, tonic::Status> {
        holdings::traces::find_traces(&self.db, TRACES, request).await
    }
});
