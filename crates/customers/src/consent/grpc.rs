//! The RPCs of consents: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db, Error as KitError,
    actor::Actor,
    clock::Clock,
    ids::{CustomerId, RealmId},
    permission::Permission,
};
use proto::customers::v1::{self as pb, consent_service_server::ConsentService};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};

use super::{
    set::{SetConsents, set_consents},
    store,
};
use crate::{
    Error,
    customer::{Scope, store as customers, whose::whose},
    key::Keys,
};

/// The server of consent RPCs.
pub struct ConsentsOf {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
}

impl ConsentsOf {
    /// Whose consents they are: services know no realm, and name the record alone.
    async fn whose(&self, actor: &Actor, id: &str, needed: Permission) -> Result<(Scope, CustomerId), Error> {
        if !actor.is_system() {
            return whose(actor, id, &[needed]);
        }
        let id = id.parse().map_err(|_| Error::CustomerNotFound)?;
        let realm = customers::realm_of(self.db.pool(), id).await?.ok_or(Error::CustomerNotFound)?;
        Ok((Scope::realm(realm), id))
    }
}

async fn told(
    db: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
    version: i64,
) -> Result<pb::Consents, Error> {
    let present = store::present(&mut *db, realm, customer).await?;
    let history = store::history(&mut *db, realm, customer).await?;
    Ok(pb::Consents {
        customer: customer.into(),
        consents: present.into_iter().map(Into::into).collect(),
        history: history.into_iter().map(Into::into).collect(),
        version,
    })
}

#[tonic::async_trait]
impl ConsentService for ConsentsOf {
    async fn get_consents(&self, request: Request<pb::GetConsentsRequest>) -> Result<Response<pb::Consents>, Status> {
        let call = Call::of(&request)?;
        let asked = self.whose(call.actor()?, &request.get_ref().customer, Permission::CustomersRead);
        let (scope, customer) = asked.await?;
        let known = customers::find(self.db.pool(), scope, customer).await?.ok_or(Error::CustomerNotFound)?;
        let mut connection = self.db.pool().acquire().await.map_err(KitError::from)?;
        Ok(Response::new(told(&mut connection, (scope.realm, known.customer.id), known.customer.version).await?))
    }

    async fn set_consents(&self, request: Request<pb::SetConsentsRequest>) -> Result<Response<pb::Consents>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let whose = self.whose(call.actor()?, &request.customer, Permission::CustomersWrite).await?;
        call.actor()?.require_self()?;
        let input = SetConsents::parse(request, whose, &call, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = set_consents(&mut tx, (&call, &self.keys), input).await?;
        let consents = told(&mut tx, (customer.realm, customer.id), customer.version).await?;
        Ok(tx.answer(consents).await?)
    }
}
