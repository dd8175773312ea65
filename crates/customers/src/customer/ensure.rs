//! Finds the person of an e-mail address or makes their record (CU-1 to CU-3).
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    address::LINE,
    clock,
    email::Email,
    ids::{CustomerId, RealmId, StoreId},
    outbox,
    phone::Phone,
};
use proto::customers::v1 as pb;

use super::{
    address,
    customer::{Customer, Introduction},
    store,
};
use crate::{Error, fields::Fields, shops::Shop};

/// Where somebody is met; read first, since the rest depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The customer base.
    pub realm: RealmId,
    /// The store; a network's shop front may not know it yet.
    pub store: Option<StoreId>,
}

impl Place {
    /// Reads the ids.
    pub fn parse(realm: &str, store: &str) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let realm = fields.id("/realm", realm);
        let store = if store.is_empty() { None } else { fields.id("/store", store) };
        fields.finish()?;
        Ok(Self { realm: realm.ok_or(Error::CustomerNotFound)?, store })
    }
}

/// A person as a shop front met them.
#[derive(Clone, Debug)]
pub struct EnsureCustomer {
    realm: RealmId,
    shop: Option<Arc<Shop>>,
    /// Who they are known to be, whatever their e-mail.
    customer: Option<CustomerId>,
    email: Email,
    introduction: Introduction,
    now: DateTime<Utc>,
}

impl EnsureCustomer {
    /// Reads a request; a phone that cannot be read is left out.
    pub fn parse(
        request: &pb::EnsureCustomerRequest,
        realm: RealmId,
        shop: Option<Arc<Shop>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let country = shop.as_ref().map(|shop| shop.country.as_str());
        let email = fields.email("/email", &request.email);
        let customer = if request.customer.is_empty() { None } else { fields.id("/customer", &request.customer) };
        let introduction = Introduction {
            name: fields.line("/name", &request.name, LINE),
            phone: Phone::parse(&request.phone, country).ok(),
            ip: fields.line("/ip", &request.ip, 45),
            address: request.address.as_ref().map(|address| address::parse(address, country, &mut fields)),
        };
        fields.finish()?;
        let email = email.ok_or(Error::CustomerNotFound)?;
        Ok(Self { realm, shop, customer, email, introduction, now })
    }
}

/// The customer, and whether they are new. The unique index decides between racing calls.
pub async fn ensure_customer(tx: &mut Tx, input: EnsureCustomer) -> Result<(Customer, bool), Error> {
    let EnsureCustomer { realm, shop, customer, email, introduction, now } = input;
    let known = match customer {
        // An e-mail that nobody proved may be another person's, or nobody's (ID-1).
        Some(id) => Some(store::lock(tx, realm, id).await?.ok_or(Error::CustomerNotFound)?),
        None => store::lock_by_email(tx, realm, &email).await?,
    };
    let (customer, created) = match known {
        Some(customer) => (meet_again(tx, customer, introduction, now).await?, false),
        None => meet(tx, Customer::meet(realm, &email, introduction.clone(), now), &email, introduction).await?,
    };
    if let Some(shop) = shop {
        store::remember_shop(tx, &customer, &shop).await?;
    }
    Ok((customer, created))
}

/// Inserts the `fresh` record, or meets the one that somebody else has inserted just now.
async fn meet(
    tx: &mut Tx,
    fresh: Customer,
    email: &Email,
    introduction: Introduction,
) -> Result<(Customer, bool), Error> {
    if store::insert(tx, &fresh).await? {
        outbox::publish(tx, &created(&fresh));
        return Ok((fresh, true));
    }
    let known = store::lock_by_email(tx, fresh.realm, email).await?.ok_or(Error::CustomerNotFound)?;
    Ok((meet_again(tx, known, introduction, fresh.created_at).await?, false))
}

async fn meet_again(
    tx: &mut Tx,
    mut customer: Customer,
    introduction: Introduction,
    now: DateTime<Utc>,
) -> Result<Customer, Error> {
    let fields = customer.meet_again(introduction, now);
    store::save(tx, &customer).await?;
    publish_change(tx, &customer, &fields).await?;
    Ok(customer)
}

/// Says that a record was made.
pub(crate) fn created(customer: &Customer) -> pb::CustomerCreated {
    pb::CustomerCreated {
        realm: customer.realm.into(),
        customer: customer.id.into(),
        lifecycle: customer.lifecycle.slug().to_owned(),
        registration: customer.registration.slug().to_owned(),
        at: Some(clock::timestamp(customer.created_at)),
    }
}

/// Says which fields changed, if any did.
pub(crate) async fn publish_change(tx: &mut Tx, customer: &Customer, fields: &[&str]) -> Result<(), Error> {
    if fields.is_empty() {
        return Ok(());
    }
    let changed = pb::CustomerChanged {
        realm: customer.realm.into(),
        customer: customer.id.into(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        version: customer.version,
        at: Some(clock::timestamp(customer.updated_at)),
    };
    outbox::publish(tx, &changed);
    Ok(())
}
