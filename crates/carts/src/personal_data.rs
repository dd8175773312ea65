//! The RPCs by which the house gathers what is kept of a person (CU-15), and learns who uses their account (AD-2).
use crate::holdings::TABLES;

/// Whoever wishes for something, or ever put something into a cart.
const TRACES: &str = "select distinct customer_id, 'wish' from wishes where realm_id = $1 and customer_id = any($2)
     union all
     select distinct customer_id, 'cart' from carts c
     where realm_id = $1 and customer_id = any($2)
       and exists (select from cart_lines l where l.realm_id = $1 and l.cart_id = c.id)";

/// Carts that anything was ever put into, and wishes.
const MOVES: &str = "select 'carts', count(*) from carts c where realm_id = $1 and customer_id = $2
       and exists (select from cart_lines l where l.realm_id = $1 and l.cart_id = c.id)
     union all
     select 'wishes', count(*) from wishes where realm_id = $1 and customer_id = $2";

holdings::personal_data!(carts, TABLES {
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
});
