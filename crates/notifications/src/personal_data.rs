//! The RPCs by which the house gathers what is kept of a person (CU-15), and learns what moves with them (CU-13).
use crate::holdings::TABLES;

/// What was sent to them.
const MOVES: &str = "select 'messages', count(*) from messages where realm_id = $1 and customer_id = $2";

holdings::personal_data!(notifications, TABLES {
    async fn count_moves(
        &self,
        request: tonic::Request<proto::base::v1::CountMovesRequest>,
    ) -> Result<tonic::Response<proto::base::v1::Moves>, tonic::Status> {
        holdings::moves::count_moves(&self.db, MOVES, request).await
    }
});
