//! The RPCs about customer bases as a whole: authorise, parse, call, encode.
use kit::{Call, Db, ids::RealmId};
use proto::customers::v1::{self as pb, customer_base_service_server::CustomerBaseService};
use tonic::{Request, Response, Status};

use super::store;

/// The server of RPCs about customer bases.
pub struct CustomerBases {
    pub(crate) db: Db,
}

#[tonic::async_trait]
impl CustomerBaseService for CustomerBases {
    async fn has_customers(
        &self,
        request: Request<pb::HasCustomersRequest>,
    ) -> Result<Response<pb::HasCustomersResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let realms: Result<Vec<RealmId>, _> = request.get_ref().realms.iter().map(|realm| realm.parse()).collect();
        let malformed = |_| kit::Error::invalid("/realms", "malformed", "this is not the id of a realm");
        let any = store::has_any(self.db.pool(), &realms.map_err(malformed)?).await?;
        Ok(Response::new(pb::HasCustomersResponse { any }))
    }
}
