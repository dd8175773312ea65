//! The RPCs of saved addresses: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db, actor::Actor, clock::Clock, ids::AddressId, permission::Permission, personal::redact, reads::Reads,
};
use proto::customers::v1::{self as pb, address_service_server::AddressService};
use tonic::{Request, Response, Status};

use super::{
    SavedAddress,
    add::{Owner, add_address},
    address::Given,
    delete::delete_address,
    replace::replace_address,
    store,
};
use crate::{
    Error,
    customer::{store as customers, whose::whose},
    key::Keys,
    shops::Shops,
};

/// What staff need to change an address: whoever changes a part has to see the rest.
const CHANGE: &[Permission] = &[Permission::CustomersWrite, Permission::CustomersPii];

/// The server of address RPCs.
pub struct Addresses {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) shops: Shops,
    pub(crate) reads: Reads,
    pub(crate) keys: Keys,
}

/// As `actor` may see it (ID-23): customers see themselves.
fn show(actor: &Actor, address: SavedAddress) -> pb::SavedAddress {
    if actor.is_staff() && !actor.sees_pii() { redact(address.told()) } else { address.told() }
}

impl Addresses {
    fn owner(&self, actor: &Actor, customer: &str) -> Result<Owner, Error> {
        let (scope, customer) = whose(actor, customer, CHANGE)?;
        Ok(Owner { scope, customer, now: self.clock.now() })
    }

    async fn given(&self, actor: &Actor, given: Option<&pb::GivenAddress>) -> Result<Given, Error> {
        let shop = self.shops.find(actor.realm()?, actor.store).await?;
        Given::parse(given, shop.as_ref().map(|shop| shop.country.as_str()))
    }
}

fn id(text: &str) -> Result<AddressId, Error> {
    text.parse().map_err(|_| Error::AddressNotFound)
}

#[tonic::async_trait]
impl AddressService for Addresses {
    async fn list_addresses(
        &self,
        request: Request<pb::ListAddressesRequest>,
    ) -> Result<Response<pb::ListAddressesResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (scope, customer) = whose(actor, &request.get_ref().customer, &[Permission::CustomersRead])?;
        let customer = customers::known_as(self.db.pool(), scope, customer).await?.ok_or(Error::CustomerNotFound)?;
        let addresses = store::of_customer(self.db.pool(), scope.realm, customer).await?;
        self.reads.note(&call, [customer]);
        let addresses = addresses.into_iter().map(|address| show(actor, address)).collect();
        Ok(Response::new(pb::ListAddressesResponse { addresses }))
    }

    async fn add_address(&self, request: Request<pb::AddAddressRequest>) -> Result<Response<pb::SavedAddress>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let owner = self.owner(actor, &request.customer)?;
        let given = self.given(actor, request.address.as_ref()).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let address = add_address(&mut tx, (&call, &self.keys), owner, given).await?;
        Ok(tx.answer(show(actor, address)).await?)
    }

    async fn replace_address(
        &self,
        request: Request<pb::ReplaceAddressRequest>,
    ) -> Result<Response<pb::SavedAddress>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let owner = self.owner(actor, &request.customer)?;
        let (id, given) = (id(&request.id)?, self.given(actor, request.address.as_ref()).await?);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let address = replace_address(&mut tx, (&call, &self.keys), owner, (id, given)).await?;
        Ok(tx.answer(show(actor, address)).await?)
    }

    async fn delete_address(
        &self,
        request: Request<pb::DeleteAddressRequest>,
    ) -> Result<Response<pb::SavedAddress>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let (owner, id) = (self.owner(actor, &request.customer)?, id(&request.id)?);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let address = delete_address(&mut tx, (&call, &self.keys), owner, id).await?;
        Ok(tx.answer(show(actor, address)).await?)
    }
}
