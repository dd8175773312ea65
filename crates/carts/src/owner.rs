//! Whose a cart is, as customers and stores know it (CU-3).
use kit::{Call, actor::Actor, email::Email, ids::CustomerId};
use proto::customers::v1::{EnsureCustomerRequest, GetCustomerRequest};
use tonic::Code;

use crate::{Error, access, cart::Cart, contact::Contact, grpc::Carts};

impl Carts {
    /// Whose the cart becomes: the signed-in customer's, else that of the person with this e-mail (CU-3). One whose e-mail
    /// it is stays its owner, though they may be known by their phone alone.
    pub(crate) async fn owner(&self, call: &Call, cart: &Cart, contact: &Contact) -> Result<CustomerId, Error> {
        let actor = call.actor()?;
        if let Some(customer) = actor.customer() {
            return Ok(customer);
        }
        let owner = if actor.is_staff() { self.same(call, cart, contact).await? } else { None };
        let request = call.trace(EnsureCustomerRequest {
            realm: cart.realm.into(),
            store: cart.store().or(actor.store).map(String::from).unwrap_or_default(),
            email: contact.email.clone(),
            name: contact.name.clone(),
            phone: contact.phone.clone(),
            ip: if access::is_shop_front(actor) { call.client().ip.clone() } else { String::new() },
            address: contact.address().cloned().map(Into::into),
            customer: owner.unwrap_or_default(),
        });
        let customer = self.customers.clone().ensure_customer(request).await?.into_inner().customer;
        let id = customer.and_then(|customer| customer.id.parse().ok());
        Ok(id.ok_or_else(|| kit::Error::Internal("customers answered without a customer".to_owned()))?)
    }

    /// The customer of `cart`, if `contact` has the e-mail that their record has.
    async fn same(&self, call: &Call, cart: &Cart, contact: &Contact) -> Result<Option<String>, Error> {
        let Some(customer) = cart.customer else { return Ok(None) };
        let known = call.trace(GetCustomerRequest { id: customer.into() });
        let known = match self.customers.clone().get_customer(known).await {
            Ok(known) => known.into_inner(),
            Err(gone) if gone.code() == Code::NotFound => return Ok(None),
            Err(status) => return Err(status.into()),
        };
        let canonical = |email: &str| Email::parse(email).ok().map(|email| email.canonical().to_owned());
        let is_theirs = canonical(&contact.email).is_some_and(|email| canonical(&known.email) == Some(email));
        Ok(is_theirs.then_some(known.id))
    }

    /// The customer whom a member of staff opens a cart for, if one is named whom they know.
    pub(crate) async fn client(&self, call: &Call, id: &str) -> Result<Option<CustomerId>, Error> {
        if id.is_empty() {
            return Ok(None);
        }
        let id: CustomerId = id.parse().map_err(|_| Error::CustomerNotFound)?;
        let known = call.forward(GetCustomerRequest { id: id.into() });
        let known = self.customers.clone().get_customer(known).await?.into_inner();
        // The id of a merged record stands for the kept one.
        Ok(Some(known.id.parse().map_err(|_| Error::CustomerNotFound)?))
    }

    /// The country of the store that `cart` buys from.
    pub(crate) async fn country(&self, actor: &Actor, cart: &Cart) -> Result<Option<String>, Error> {
        match cart.store().or(actor.store) {
            Some(store) => Ok(Some(self.stores.get(store).await?.country.clone()).filter(|code| !code.is_empty())),
            None => Ok(None),
        }
    }
}
