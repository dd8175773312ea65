//! The RPCs of records: authorise, parse, open tx, call, encode.
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kit::{Call, Db, Tx, actor::Actor, clock::Clock, permission::Permission};
use proto::customers::v1::{self as pb, record_service_server::RecordService};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    change::{ChangeCustomer, change_customer},
    create::{CreateCustomer, create_customer},
    many::{ChangeMany, change_many},
    standing::{SetStanding, set_standing},
    tags::{ChangeTags, change_tags},
};
use crate::{
    Error,
    bulk::{self, BeginBulk, begin::is_small, begin_bulk},
    customer::{Customer, Scope, Standing, grpc::tell, store},
    key::Keys,
    segment,
    shops::{Shop, Shops},
};

/// The server of record RPCs.
pub struct Records {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) shops: Shops,
    pub(crate) keys: Keys,
    /// Tells whoever carries jobs out of a new one.
    pub(crate) asked: Arc<Notify>,
}

/// `customer` with the figures that `actor` sees, masked for whoever may not see who they are.
async fn shown(tx: &mut Tx, actor: &Actor, customer: &Customer, now: DateTime<Utc>) -> Result<pb::Customer, Error> {
    let known = store::find(&mut **tx, Scope::of(actor)?, customer.id).await?;
    Ok(tell(actor, known.ok_or(Error::CustomerNotFound)?, now))
}

impl Records {
    /// The store that `actor` works in; none in a whole network.
    async fn shop(&self, actor: &Actor) -> Result<Option<Arc<Shop>>, Error> {
        Ok(self.shops.find(actor.realm()?, actor.store).await?)
    }

    async fn set_standing(&self, call: &Call, input: SetStanding) -> Result<Response<pb::Customer>, Status> {
        let actor = call.actor()?;
        let mut tx = self.db.begin(call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = set_standing(&mut tx, (call, &self.keys), input).await?;
        let customer = shown(&mut tx, actor, &customer, self.clock.now()).await?;
        Ok(tx.answer(customer).await?)
    }
}

impl Records {
    /// Begins what takes longer than a request.
    async fn begin_bulk(
        &self,
        call: &Call,
        request: &pb::ChangeManyRequest,
    ) -> Result<Response<pb::ChangeManyResponse>, Status> {
        let scope = Scope::of(call.actor()?).map_err(Error::from)?;
        let saved = segment::named(self.db.pool(), scope, bulk::wanted(request).as_ref()).await?;
        let input = BeginBulk::parse(request, call, &saved, self.clock.now())?;
        let mut tx = self.db.begin(call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let job = begin_bulk(&mut tx, call, input).await?.told(Vec::new());
        let answer = tx.answer(pb::ChangeManyResponse { outcomes: Vec::new(), job: Some(job) }).await?;
        self.asked.notify_one();
        Ok(answer)
    }
}

#[tonic::async_trait]
impl RecordService for Records {
    async fn create_customer(
        &self,
        request: Request<pb::CreateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        actor.require(Permission::CustomersPii)?;
        let (realm, shop) = (actor.realm()?, self.shop(actor).await?);
        let input = CreateCustomer::parse(request.into_inner(), realm, shop, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = create_customer(&mut tx, (&call, &self.keys), input).await?;
        let customer = shown(&mut tx, actor, &customer, self.clock.now()).await?;
        Ok(tx.answer(customer).await?)
    }

    async fn change_customer(
        &self,
        request: Request<pb::ChangeCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let (scope, shop) = (Scope::of(actor)?, self.shop(actor).await?);
        let country = shop.as_ref().map(|shop| shop.country.as_str());
        let input = ChangeCustomer::parse(request.into_inner(), scope, country, self.clock.now())?;
        if input.details.are_personal() {
            actor.require(Permission::CustomersPii)?;
        }
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = change_customer(&mut tx, (&call, &self.keys), input).await?;
        let customer = shown(&mut tx, actor, &customer, self.clock.now()).await?;
        Ok(tx.answer(customer).await?)
    }

    async fn activate_customer(
        &self,
        request: Request<pb::ActivateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let pb::ActivateCustomerRequest { id, reason } = request.get_ref();
        let input = SetStanding::parse((id, reason), Standing::Active, actor, self.clock.now())?;
        self.set_standing(&call, input).await
    }

    async fn inactivate_customer(
        &self,
        request: Request<pb::InactivateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let pb::InactivateCustomerRequest { id, reason } = request.get_ref();
        let input = SetStanding::parse((id, reason), Standing::Inactive, actor, self.clock.now())?;
        self.set_standing(&call, input).await
    }

    async fn change_tags(
        &self,
        request: Request<pb::ChangeTagsRequest>,
    ) -> Result<Response<pb::ChangeTagsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let input = ChangeTags::parse(request.get_ref(), Scope::of(actor).map_err(Error::from)?, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = change_tags(&mut tx, (&call, &self.keys), input).await?;
        Ok(tx.answer(pb::ChangeTagsResponse { tags: customer.tags, version: customer.version }).await?)
    }

    async fn change_many(
        &self,
        request: Request<pb::ChangeManyRequest>,
    ) -> Result<Response<pb::ChangeManyResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::CustomersWrite)?;
        let request = request.into_inner();
        if !is_small(&request) {
            return self.begin_bulk(&call, &request).await;
        }
        let input = ChangeMany::parse(request, &call, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let outcomes = change_many(&mut tx, (&call, &self.keys), input).await?;
        Ok(tx.answer(pb::ChangeManyResponse { outcomes, job: None }).await?)
    }
}
