//! Who works for a store, for services that name people of the staff.
use kit::{Call, Db, Error as KitError};
use proto::identity::v1::{self as pb, colleague_service_server::ColleagueService};
use tonic::{Request, Response, Status};

use super::store;

/// Most that are asked for at once.
const MOST: usize = 100;

/// The server of these RPCs.
pub struct Colleagues {
    pub(crate) db: Db,
}

#[tonic::async_trait]
impl ColleagueService for Colleagues {
    async fn find_colleagues(
        &self,
        request: Request<pb::FindColleaguesRequest>,
    ) -> Result<Response<pb::FindColleaguesResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let pb::FindColleaguesRequest { store, staff } = request.get_ref();
        if staff.len() > MOST {
            return Err(KitError::invalid("/staff", "too_many", "at most 100 at once").into());
        }
        // Whatever is no id is nobody's.
        let staff: Vec<_> = staff.iter().filter_map(|id| id.parse().ok()).collect();
        let named = match store.parse() {
            Ok(store) => store::named(self.db.pool(), store, &staff).await?,
            Err(_) => Vec::new(),
        };
        let colleagues = named.into_iter().map(|(staff, name)| pb::Colleague { staff: staff.into(), name });
        Ok(Response::new(pb::FindColleaguesResponse { colleagues: colleagues.collect() }))
    }
}
