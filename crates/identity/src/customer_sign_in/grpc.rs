//! The RPCs of how customers sign in, for staff: authorise, parse, open tx, call, encode.
use kit::{Call, actor::Actor, denied::Denied, ids::CustomerId, permission::Permission};
use proto::{
    customers::v1::GetCustomerRequest,
    identity::v1::{self as pb, customer_sign_in_service_server::CustomerSignInService},
};
use tonic::{Request, Response, Status};

use super::{
    end::end,
    reset,
    unlock::unlock,
    view::{accounts, view},
};
use crate::{
    Error,
    account::{Desk, desk::Person},
    provider::Providers,
    session::{Subject, end::announce_opened},
};

/// The server of these RPCs.
pub struct CustomerSignIns {
    pub(crate) desk: Desk,
    pub(crate) providers: Providers,
}

/// Staff and integrations with `permission`, who see customers of their own only.
fn authorise(actor: &Actor, permission: Permission) -> Result<(), Error> {
    if !actor.is_staff() {
        return Err(Denied::WrongCaller.into());
    }
    Ok(actor.require(permission)?)
}

impl CustomerSignIns {
    /// The customer `id` whom the caller sees: asked as they are, and then for what is masked for them.
    async fn person(&self, call: &Call, id: &str) -> Result<Person, Error> {
        let id: CustomerId = id.parse().map_err(|_| Error::CustomerNotFound)?;
        let seen = call.forward(GetCustomerRequest { id: id.into() });
        self.desk.customers.clone().get_customer(seen).await?;
        self.desk.get(call, id).await
    }
}

#[tonic::async_trait]
impl CustomerSignInService for CustomerSignIns {
    async fn get_customer_sign_in(
        &self,
        request: Request<pb::GetCustomerSignInRequest>,
    ) -> Result<Response<pb::CustomerSignIn>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        authorise(actor, Permission::CustomersRead)?;
        let person = self.person(&call, &request.get_ref().customer).await?;
        let seen = view((&self.desk, &self.providers), actor.realm()?, &person, actor.sees_pii()).await?;
        Ok(Response::new(seen))
    }

    async fn end_customer_sessions(
        &self,
        request: Request<pb::EndCustomerSessionsRequest>,
    ) -> Result<Response<pb::EndCustomerSessionsResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let actor = call.actor()?;
        authorise(actor, Permission::CustomersWrite)?;
        let pb::EndCustomerSessionsRequest { customer, session } = request.into_inner();
        let session =
            if session.is_empty() { None } else { Some(session.parse().map_err(|_| Error::SessionNotFound)?) };
        let person = self.person(&call, &customer).await?;
        let subject = Subject::Customer(actor.realm()?, person.id);
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let ended = end(&mut tx, &call, (subject, session), desk.clock.now()).await?;
        let sessions = ended.iter().map(|session| session.id.into()).collect();
        let answer = tx.answer(pb::EndCustomerSessionsResponse { sessions }).await?;
        announce_opened(&desk.nats, &ended).await;
        Ok(answer)
    }

    async fn send_password_reset(
        &self,
        request: Request<pb::SendPasswordResetRequest>,
    ) -> Result<Response<pb::SendPasswordResetResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let actor = call.actor()?;
        authorise(actor, Permission::CustomersWrite)?;
        let person = self.person(&call, &request.get_ref().customer).await?;
        if let Some(answer) = desk.db.replayed(&call).await? {
            return Ok(answer);
        }
        reset::send(desk, &call, actor, &person).await?;
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        reset::record(&mut tx, &call, person.id, desk.clock.now())?;
        Ok(tx.answer(pb::SendPasswordResetResponse {}).await?)
    }

    async fn unlock_customer(
        &self,
        request: Request<pb::UnlockCustomerRequest>,
    ) -> Result<Response<pb::UnlockCustomerResponse>, Status> {
        let (call, desk) = (Call::of(&request)?, &self.desk);
        let actor = call.actor()?;
        authorise(actor, Permission::CustomersWrite)?;
        let person = self.person(&call, &request.get_ref().customer).await?;
        let accounts = accounts(desk, actor.realm()?, &person);
        let mut tx = desk.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        unlock(&mut tx, &call, (person.id, &accounts), desk.clock.now()).await?;
        Ok(tx.answer(pb::UnlockCustomerResponse {}).await?)
    }
}
