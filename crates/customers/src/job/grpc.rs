//! The RPC of jobs: authorise, parse, call, encode.
use kit::{Call, Db, permission::Permission};
use proto::customers::v1::{self as pb, job_service_server::JobService};
use tonic::{Request, Response, Status};

use super::store;
use crate::Error;

/// The server of job RPCs.
pub struct Jobs {
    pub(crate) db: Db,
}

#[tonic::async_trait]
impl JobService for Jobs {
    async fn get_job(&self, request: Request<pb::GetJobRequest>) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::JobNotFound)?;
        let job = store::find(self.db.pool(), actor.realm()?, id).await?;
        let job = job.filter(|job| job.is_shown_to(actor)).ok_or(Error::JobNotFound)?;
        let parts = store::parts(self.db.pool(), &job).await?;
        Ok(Response::new(job.told(parts)))
    }
}
