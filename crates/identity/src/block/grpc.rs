//! The RPCs of block lists: authorise, parse, call, encode.
use kit::{
    Call, Db, Error as KitError,
    actor::Actor,
    audit::{self, Entry},
    clock::Clock,
    ids::{CustomerId, RealmId},
    permission::Permission,
    transport::Transport,
};
use proto::{
    customers::v1::{FindCustomerRequest, customer_service_client::CustomerServiceClient},
    identity::v1::{self as pb, block_service_server::BlockService},
};
use tonic::{Request, Response, Status};

use super::{
    add::{Additions, add_blocks},
    block::{Plan, Value},
    check::{are_blocked, is_blocked},
    create::create_block,
    store,
};
use crate::{Error, account::desk::Person, audit::words::Words, lookup::Lookup, session::end};

/// The server of the RPCs of block lists.
pub struct Blocks {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) lookup: Lookup,
    pub(crate) customers: CustomerServiceClient<Transport>,
    pub(crate) words: Words,
    pub(crate) nats: async_nats::Client,
}

impl Blocks {
    /// Why, as the audit keeps it: words about a customer are sealed with the customer's key. About an address that nobody
    /// here has they are left out, since nothing could make the audit forget them; and whoever may not see personal data
    /// does not learn whose address it is.
    async fn because(&self, call: &Call, realm: RealmId, plan: &Plan) -> Result<Because, Error> {
        let Value::Email(email) = &plan.value else { return Ok(Because::Said(plan.reason.clone())) };
        if !call.actor()?.sees_pii() {
            return Ok(Because::Withheld);
        }
        let request = FindCustomerRequest { realm: realm.into(), identity: email.canonical().to_owned() };
        let found = self.customers.clone().find_customer(call.trace(request)).await.map_err(KitError::from)?;
        let Some(customer) = found.into_inner().customer else { return Ok(Because::Withheld) };
        let customer = Person::read(&customer)?.id;
        Ok(Because::Sealed(customer, self.words.seal(call, (realm, customer), &plan.reason).await?))
    }
}

/// Why, as the audit keeps it.
enum Because {
    Said(String),
    Sealed(CustomerId, Vec<u8>),
    Withheld,
}

impl Because {
    fn tell(self, entry: Entry) -> Entry {
        match self {
            Self::Said(words) => entry.because(words),
            Self::Sealed(customer, words) => entry.because_sealed(customer, &words),
            Self::Withheld => entry,
        }
    }
}

fn realm(actor: &Actor) -> Result<RealmId, Error> {
    actor.require(Permission::BlocksWrite)?;
    Ok(actor.realm()?)
}

#[tonic::async_trait]
impl BlockService for Blocks {
    async fn create_block(&self, request: Request<pb::CreateBlockRequest>) -> Result<Response<pb::Block>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let realm = realm(actor)?;
        let plan = Plan::parse(request.get_ref(), now)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let because = self.because(&call, realm, &plan).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let block = create_block(&mut tx, &self.lookup, (realm, &actor.subject, plan), now).await?;
        let entry = Entry::new("block.created", ("block", block.id), now).created(block.audited());
        audit::record(&mut tx, &call, because.tell(entry))?;
        let answer = tx.answer(block.told()).await?;
        // What gateways know of the shop fronts here does not say yet that there is a list.
        end::announce(&self.nats, realm).await;
        Ok(answer)
    }

    async fn list_blocks(
        &self,
        request: Request<pb::ListBlocksRequest>,
    ) -> Result<Response<pb::ListBlocksResponse>, Status> {
        let call = Call::of(&request)?;
        let blocks = store::of_realm(self.db.pool(), realm(call.actor()?)?, self.clock.now()).await?;
        let blocks = blocks.into_iter().map(super::Block::told).collect();
        Ok(Response::new(pb::ListBlocksResponse { blocks }))
    }

    async fn delete_block(
        &self,
        request: Request<pb::DeleteBlockRequest>,
    ) -> Result<Response<pb::DeleteBlockResponse>, Status> {
        let call = Call::of(&request)?;
        let realm = realm(call.actor()?)?;
        let id = request.get_ref().id.parse().map_err(|_| Error::BlockNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let block = store::delete(&mut tx, realm, id).await?.ok_or(Error::BlockNotFound)?;
        let entry = Entry::new("block.removed", ("block", id), self.clock.now()).removed(block.audited());
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(pb::DeleteBlockResponse {}).await?)
    }

    async fn check_blocks(
        &self,
        request: Request<pb::CheckBlocksRequest>,
    ) -> Result<Response<pb::CheckBlocksResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let pb::CheckBlocksRequest { realm, ip, email } = request.into_inner();
        let realm = realm.parse().map_err(|_| Error::StoreNotFound)?;
        let blocked = is_blocked((&self.db, &self.lookup), realm, (&ip, &email), self.clock.now()).await?;
        Ok(Response::new(pb::CheckBlocksResponse { blocked }))
    }

    async fn check_many_blocks(
        &self,
        request: Request<pb::CheckManyBlocksRequest>,
    ) -> Result<Response<pb::CheckManyBlocksResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let pb::CheckManyBlocksRequest { realm, visitors } = request.into_inner();
        let realm = realm.parse().map_err(|_| Error::StoreNotFound)?;
        let blocked = are_blocked((&self.db, &self.lookup), realm, &visitors, self.clock.now()).await?;
        Ok(Response::new(pb::CheckManyBlocksResponse { blocked }))
    }

    async fn add_blocks(
        &self,
        request: Request<pb::AddBlocksRequest>,
    ) -> Result<Response<pb::AddBlocksResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let additions = Additions::parse(request.get_ref(), self.clock.now())?;
        let realm: RealmId = request.get_ref().realm.parse().map_err(|_| Error::StoreNotFound)?;
        let mut tx = self.db.begin_own().await.map_err(Error::from)?;
        let added = add_blocks(&mut tx, &self.lookup, additions, self.clock.now()).await?;
        tx.commit().await.map_err(Error::from)?;
        if added > 0 {
            end::announce(&self.nats, realm).await;
        }
        Ok(Response::new(pb::AddBlocksResponse { added }))
    }
}
