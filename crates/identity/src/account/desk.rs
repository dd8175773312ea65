//! What registering and signing in work with: the database, the hasher, and the services that know people and send
//! messages.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Error as KitError,
    actor::{Actor, Kind},
    clock::Clock,
    denied::Denied,
    ids::{CustomerId, RealmId, StoreId},
    secret::Secrets,
    transport::Transport,
};
use proto::{
    carts::v1::checkout_link_service_client::CheckoutLinkServiceClient,
    customers::v1::{
        Customer, FindCustomerRequest, GetCustomerRequest, consent_service_client::ConsentServiceClient,
        customer_service_client::CustomerServiceClient, person_service_client::PersonServiceClient,
    },
    notifications::v1::{channel_service_client::ChannelServiceClient, message_service_client::MessageServiceClient},
};

use crate::{
    Error,
    attempt::Limits,
    block,
    lookup::Lookup,
    password::Hasher,
    shop::{self, Front},
};

/// What registering and signing in work with.
#[derive(Clone)]
pub struct Desk {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) nats: async_nats::Client,
    /// The address that links name.
    pub(crate) public: String,
    pub(crate) secrets: Secrets,
    pub(crate) lookup: Lookup,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) customers: CustomerServiceClient<Transport>,
    pub(crate) persons: PersonServiceClient<Transport>,
    pub(crate) consents: ConsentServiceClient<Transport>,
    pub(crate) checkout_links: CheckoutLinkServiceClient<Transport>,
    pub(crate) messages: MessageServiceClient<Transport>,
    pub(crate) channels: ChannelServiceClient<Transport>,
}

/// Whoever stands in a shop front.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Customer base of the shop front.
    pub realm: RealmId,
    /// The store; none with a network's key.
    pub store: Option<StoreId>,
    /// What they see of it.
    pub front: Front,
}

/// A customer record, as far as signing in goes.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who it is.
    pub id: CustomerId,
    /// Whether no door is closed to them (ID-9).
    pub is_active: bool,
    /// E-mail address as entered.
    pub email: String,
    /// Phone in E.164; may be empty.
    pub phone: String,
}

impl Person {
    /// Reads a record of customers.
    pub fn read(customer: &Customer) -> Result<Self, KitError> {
        let id = customer.id.parse().map_err(|_| KitError::Internal("a customer has no id".to_owned()))?;
        let (email, phone) = (customer.email.clone(), customer.phone.clone());
        Ok(Self { id, is_active: customer.status == "active", email, phone })
    }
}

impl Desk {
    /// The visitor behind `actor`: shop fronts and customers only.
    pub async fn visitor(&self, actor: &Actor) -> Result<Visitor, Error> {
        if !matches!(actor.kind, Kind::Anonymous | Kind::Customer) {
            return Err(Denied::WrongCaller.into());
        }
        let (realm, store) = (actor.realm()?, actor.store);
        let front = shop::store::front(self.db.pool(), realm, store).await?.ok_or(Denied::Unauthenticated)?;
        Ok(Visitor { realm, store, front })
    }

    /// Refuses whoever is on the block list, or gives an identity that is (ID-26).
    pub async fn refuse_blocked(&self, call: &Call, identity: &str, now: DateTime<Utc>) -> Result<(), Error> {
        block::check::refuse_blocked((&self.db, &self.lookup), call, identity, now).await
    }

    /// The person of this e-mail or phone.
    pub async fn find(&self, call: &Call, realm: RealmId, identity: &str) -> Result<Option<Person>, Error> {
        let request = FindCustomerRequest { realm: realm.into(), identity: identity.to_owned() };
        let found = self.customers.clone().find_customer(call.trace(request)).await?.into_inner().customer;
        Ok(found.as_ref().map(Person::read).transpose()?)
    }

    /// The person with this id.
    pub async fn get(&self, call: &Call, customer: CustomerId) -> Result<Person, Error> {
        let request = GetCustomerRequest { id: customer.into() };
        let customer = self.customers.clone().get_customer(call.trace(request)).await?.into_inner();
        Ok(Person::read(&customer)?)
    }
}
