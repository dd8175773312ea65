//! The RPC of the member directory: authorise, parse, call, encode.
use kit::{Call, Db};
use proto::customers::v1::{self as pb, directory_service_server::DirectoryService};
use tonic::{Request, Response, Status};

use super::store;
use crate::{Error, fields::Fields};

/// Deepest look into the directory.
const DEEPEST: u32 = 10_000;

/// The server of directory RPCs.
pub struct Directory {
    pub(crate) db: Db,
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn browse_members(
        &self,
        request: Request<pb::BrowseMembersRequest>,
    ) -> Result<Response<pb::BrowseMembersResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (realm, customer) = (actor.realm()?, actor.require_customer()?);
        let pb::BrowseMembersRequest { limit, offset } = request.into_inner();
        let mut fields = Fields::default();
        if limit > 100 {
            fields.fault("/limit", "out_of_range", "limit must be 1 to 100");
        }
        if offset > DEEPEST {
            fields.fault("/offset", "out_of_range", "offset must be at most 10 000");
        }
        fields.finish()?;
        if !store::is_member(self.db.pool(), realm, customer).await? {
            return Err(Error::NoMember.into());
        }
        let limit = if limit == 0 { 25 } else { limit };
        let names = store::browse(self.db.pool(), realm, (limit, offset)).await?;
        let members = names.into_iter().map(|name| pb::Member { name }).collect();
        Ok(Response::new(pb::BrowseMembersResponse { members }))
    }
}
