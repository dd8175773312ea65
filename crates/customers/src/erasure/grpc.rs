//! The RPCs of erasures: authorise, parse, open tx, call, encode.
use kit::{Call, Db, clock::Clock, permission::Permission, secret::Secrets};
use proto::customers::v1::{self as pb, erasure_service_server::ErasureService};
use tonic::{Request, Response, Status};

use super::{
    erase::{EraseCustomer, erase_customer, get_erased},
    export::{allowed, find, gather, record_export},
    peers::Peers,
};
use crate::{Error, job, key::Keys};

/// The server of erasure RPCs.
pub struct Erasures {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) keys: Keys,
    pub(crate) peers: Peers,
}

#[tonic::async_trait]
impl ErasureService for Erasures {
    async fn erase_customer(&self, request: Request<pb::EraseCustomerRequest>) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersDelete)?;
        actor.require_recent(self.clock.now())?;
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired.into());
        }
        let input = EraseCustomer::parse(request.get_ref(), actor, self.clock.now())?;
        let input = input.known(self.db.pool()).await?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        if self.peers.open_payments(input.id()).await? > 0 {
            return Err(Error::PaymentOpen.into());
        }
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let job = erase_customer(&mut tx, (&call, &self.secrets, &self.clock), input).await?;
        let parts = job::parts(&mut *tx, &job).await?;
        Ok(tx.answer(job.told(parts)).await?)
    }

    async fn get_erased(&self, request: Request<pb::GetErasedRequest>) -> Result<Response<pb::Erased>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let pb::GetErasedRequest { realm, customer } = request.get_ref();
        let realm = realm.parse().map_err(|_| Error::CustomerNotFound)?;
        let customer = customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let whom = get_erased(self.db.pool(), &self.secrets, (realm, customer)).await?;
        Ok(Response::new(pb::Erased { names: whom.names, emails: whom.emails, phones: whom.phones }))
    }

    async fn export_customer(
        &self,
        request: Request<pb::ExportCustomerRequest>,
    ) -> Result<Response<pb::CustomerExport>, Status> {
        let call = Call::of(&request)?;
        let (scope, customer) = allowed(&self.db, call.actor()?, &request.get_ref().id).await?;
        let (customer, now) = (find(&self.db, scope, customer).await?, self.clock.now());
        let json = gather((&self.db, &self.peers), (&customer, now), call.actor()?.is_system()).await?.to_string();
        let mut tx = self.db.begin_own().await?;
        record_export(&mut tx, (&call, &self.keys), (&customer, now)).await?;
        tx.commit().await?;
        Ok(Response::new(pb::CustomerExport { json }))
    }
}
