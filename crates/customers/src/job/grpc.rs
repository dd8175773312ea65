//! The RPC of jobs: authorise, parse, call, encode.
use kit::{Call, Db, actor::Actor, clock::Clock, permission::Permission};
use proto::customers::v1::{self as pb, job_service_server::JobService};
use tonic::{Request, Response, Status};

use super::{Job, Kind, cancel::cancel_job, report, store};
use crate::{Error, bulk::store as bulk};

/// The server of job RPCs.
pub struct Jobs {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

impl Jobs {
    /// The job `id`, if `actor` may look at it.
    async fn find(&self, actor: &Actor, id: &str) -> Result<Job, Error> {
        let id = id.parse().map_err(|_| Error::JobNotFound)?;
        let job = store::find(self.db.pool(), actor.realm()?, id).await?;
        job.filter(|job| job.is_shown_to(actor)).ok_or(Error::JobNotFound)
    }

    /// The same, for whoever does something with it: audits and clean-ups of accounts take what it takes to begin one.
    async fn handled(&self, actor: &Actor, id: &str) -> Result<Job, Error> {
        let job = self.find(actor, id).await?;
        if matches!(job.kind, Kind::AccountAudit | Kind::AccountCleanup) {
            actor.require(Permission::CustomersCleanup)?;
        }
        Ok(job)
    }
}

#[tonic::async_trait]
impl JobService for Jobs {
    async fn get_job(&self, request: Request<pb::GetJobRequest>) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let job = self.find(actor, &request.get_ref().id).await?;
        let parts = store::parts(self.db.pool(), &job).await?;
        Ok(Response::new(job.told(parts)))
    }

    async fn cancel_job(&self, request: Request<pb::CancelJobRequest>) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let job = self.handled(actor, &request.get_ref().id).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let job = cancel_job(&mut tx, &call, &job, self.clock.now()).await?;
        let parts = store::parts(&mut *tx, &job).await?;
        Ok(tx.answer(job.told(parts)).await?)
    }

    async fn read_job_report(
        &self,
        request: Request<pb::ReadJobReportRequest>,
    ) -> Result<Response<pb::JobReportPiece>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let job = self.handled(actor, &request.get_ref().id).await?;
        if !job.has_report() || !bulk::is_kept(self.db.pool(), &job).await? {
            return Err(Error::ReportNotFound.into());
        }
        Ok(Response::new(report::piece(self.db.pool(), &job, &request.get_ref().after).await?))
    }
}
