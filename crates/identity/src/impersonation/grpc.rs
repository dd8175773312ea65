//! The RPCs of impersonation: authorise, parse, call, encode.
use kit::{Call, Db, actor::Actor, clock::Clock, denied::Denied, permission::Permission, transport::Transport};
use proto::{
    customers::v1::{GetCustomerRequest, customer_service_client::CustomerServiceClient},
    identity::v1::{self as pb, impersonation_service_server::ImpersonationService},
};
use tonic::{Request, Response, Status};

use super::{
    end::end_impersonation,
    start::{Plan, start_impersonation},
    store,
};
use crate::{Error, audit::words::Words, session::end, sign_in::grpc::own};

/// The server of the RPCs of impersonation.
pub struct Impersonations {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) customers: CustomerServiceClient<Transport>,
    pub(crate) words: Words,
    pub(crate) nats: async_nats::Client,
}

/// Staff in person: a key has no second factor, and nobody impersonates in somebody else's name. Whoever is logged in as a
/// customer sees what is theirs in the clear, which those may not who see nothing of it otherwise (ID-23).
fn authorise(actor: &Actor) -> Result<(), Error> {
    actor.require_self()?;
    actor.staff().ok_or(Denied::WrongCaller)?;
    actor.require(Permission::CustomersImpersonate)?;
    Ok(actor.require(Permission::CustomersPii)?)
}

#[tonic::async_trait]
impl ImpersonationService for Impersonations {
    async fn start_impersonation(
        &self,
        request: Request<pb::StartImpersonationRequest>,
    ) -> Result<Response<pb::Impersonation>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        authorise(actor)?;
        actor.require_recent_factor(now)?;
        let (own, realm) = (own(actor)?, actor.realm()?);
        let plan = Plan::parse(request.get_ref())?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        // As the staff member: whom they may not see, they may not be.
        let wanted = call.forward(GetCustomerRequest { id: plan.customer.into() });
        let found = self.customers.clone().get_customer(wanted).await?.into_inner();
        // The record itself, also when they were asked for by the id of one that was merged into it.
        let plan = plan.of(found.id.parse().map_err(|_| Error::CustomerNotFound)?);
        if found.status != "active" {
            return Err(Error::CustomerInactive.into());
        }
        let why = self.words.seal(&call, (realm, plan.customer), &plan.reason).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (opened, token) = start_impersonation(&mut tx, (realm, plan, &why), own, (&call, now)).await?;
        Ok(tx.answer(opened.told(token)).await?)
    }

    async fn list_impersonations(
        &self,
        request: Request<pb::ListImpersonationsRequest>,
    ) -> Result<Response<pb::ListImpersonationsResponse>, Status> {
        let call = Call::of(&request)?;
        let (staff, _) = own(call.actor()?)?;
        let open = store::of_staff(self.db.pool(), staff, self.clock.now()).await?;
        let impersonations = open.into_iter().map(|open| open.told(String::new())).collect();
        Ok(Response::new(pb::ListImpersonationsResponse { impersonations }))
    }

    async fn end_impersonation(
        &self,
        request: Request<pb::EndImpersonationRequest>,
    ) -> Result<Response<pb::EndImpersonationResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let (staff, _) = own(call.actor()?)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::SessionNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        end_impersonation(&mut tx, (id, staff), &call, now).await?;
        let answer = tx.answer(pb::EndImpersonationResponse {}).await?;
        end::announce(&self.nats, id).await;
        Ok(answer)
    }
}
