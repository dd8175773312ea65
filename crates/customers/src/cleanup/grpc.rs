//! The RPCs of clean-ups: authorise, parse, open tx, call, encode.
use std::sync::Arc;

use kit::{Call, Db, clock::Clock, page::Page, permission::Permission, reads::Reads};
use proto::customers::v1::{self as pb, account_cleanup_service_server::AccountCleanupService};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    begin::{BeginCleanup, begin_cleanup},
    choice::Choice,
    store,
};
use crate::account::{
    grpc::{find, realm, shown},
    list::Query,
};

/// Verdicts that a preview shows.
const SHOWN: u32 = 25;

/// The server of these RPCs.
pub struct AccountCleanups {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) reads: Reads,
    /// Tells whoever carries jobs out of a new one.
    pub(crate) asked: Arc<Notify>,
}

#[tonic::async_trait]
impl AccountCleanupService for AccountCleanups {
    async fn preview_cleanup(
        &self,
        request: Request<pb::CleanupChoice>,
    ) -> Result<Response<pb::CleanupPreview>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let realm = realm(actor)?;
        actor.require(Permission::CustomersRead)?;
        let choice = Choice::parse(request.get_ref(), realm)?;
        find(&self.db, realm, &request.get_ref().audit).await?;
        let (accounts, reasons) = store::counted(self.db.pool(), &choice).await?;
        let page = Page { limit: SHOWN - 1, cursor: None, total: false };
        let rows = Query::of(&choice).page(self.db.pool(), &page).await?;
        let verdicts = shown((&self.db, &self.reads, &self.clock), &call, (realm, rows)).await?;
        Ok(Response::new(pb::CleanupPreview { accounts, reasons: reasons.into_iter().collect(), verdicts }))
    }

    async fn begin_cleanup(&self, request: Request<pb::BeginCleanupRequest>) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let input = BeginCleanup::parse(request.get_ref(), &call, self.clock.now())?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let choice = request.get_ref().choice.clone().unwrap_or_default();
        let audit = find(&self.db, input.choice.realm, &choice.audit).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let job = begin_cleanup(&mut tx, &call, (input, audit)).await?;
        let answer = tx.answer(job.told(Vec::new())).await?;
        self.asked.notify_one();
        Ok(answer)
    }
}
