//! Makes the record of a proven person registered, the one that is there or a new one (ID-1).
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    address::LINE,
    email::Email,
    ids::{CustomerId, RealmId},
    outbox,
    phone::Phone,
};
use proto::customers::v1 as pb;

use super::{
    customer::{Customer, Introduction, Proven},
    ensure::{created, publish_change},
    store,
};
use crate::{
    Error,
    account::{
        self,
        door::{Newcomer, SUSPECTED, judge},
    },
    fields::Fields,
    shops::Shop,
};

/// A proven person.
#[derive(Clone, Debug)]
pub struct RegisterCustomer {
    realm: RealmId,
    shop: Option<Arc<Shop>>,
    email: Email,
    introduction: Introduction,
    proven: Proven,
    /// The record, where it is known by its id only.
    id: Option<CustomerId>,
    /// Only finds or makes the record.
    prepare: bool,
    now: DateTime<Utc>,
}

impl RegisterCustomer {
    /// Reads a request. A phone that cannot be read is left out, unless it is what was proven.
    pub fn parse(
        request: &pb::RegisterCustomerRequest,
        realm: RealmId,
        shop: Option<Arc<Shop>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let email = fields.email("/email", &request.email);
        let phone = Phone::parse(&request.phone, shop.as_ref().map(|shop| shop.country.as_str())).ok();
        let proven = match request.proven.as_str() {
            "" | "email" => Proven::Email,
            "phone" => Proven::Phone,
            "provider" => Proven::Provider,
            _ => {
                fields.fault("/proven", "unknown", "either the email or the phone was proven");
                Proven::Email
            }
        };
        if proven == Proven::Phone && phone.is_none() {
            fields.fault("/phone", "malformed", "the proven phone cannot be read");
        }
        let name = fields.line("/name", &request.name, LINE);
        let ip = fields.line("/ip", &request.ip, 45);
        fields.finish()?;
        let email = email.ok_or(Error::CustomerNotFound)?;
        let introduction = Introduction { name, phone, ip, address: None };
        let id = request.customer.parse().ok();
        if proven == Proven::Provider && id.is_none() {
            return Err(kit::Error::invalid("/customer", "required", "name the record").into());
        }
        Ok(Self { realm, shop, email, introduction, proven, id, prepare: request.prepare, now })
    }
}

/// The customer behind what was proven, registered unless that is only prepared. Repeating it changes nothing.
pub async fn register_customer(tx: &mut Tx, input: RegisterCustomer) -> Result<Customer, Error> {
    let known = find(tx, &input).await?;
    let suspected = is_suspected(tx, &input, known.as_ref()).await?;
    let mut customer = match known {
        Some(customer) => customer,
        None => make(tx, &input).await?,
    };
    if suspected {
        let fields = customer.tag(SUSPECTED, input.now);
        save(tx, &customer, &fields).await?;
    }
    if !input.prepare {
        let fields = customer.register(&input.email, &input.introduction, input.now);
        save(tx, &customer, &fields).await?;
    }
    let at = customer.registered_at.unwrap_or(input.now);
    account::store::remember(tx, &customer, &input.introduction.ip, at).await?;
    if let Some(shop) = &input.shop {
        store::remember_shop(tx, &customer, shop).await?;
    }
    Ok(customer)
}

/// Whether somebody who comes to register looks like spam (AD-3). Whoever has an account, or has bought, is somebody; for
/// whoever a provider knows under an address of its own the provider vouches.
async fn is_suspected(tx: &mut Tx, input: &RegisterCustomer, known: Option<&Customer>) -> Result<bool, Error> {
    let is_somebody = known.is_some_and(|known| known.is_registered() || known.orders_count > 0);
    if !input.prepare || is_somebody || input.proven == Proven::Provider {
        return Ok(false);
    }
    let Introduction { name, ip, .. } = &input.introduction;
    judge(tx, Newcomer { realm: input.realm, name, email: input.email.canonical(), ip }, input.now).await
}

/// Makes the record of somebody unknown. The unique indexes decide between racing calls.
async fn make(tx: &mut Tx, input: &RegisterCustomer) -> Result<Customer, Error> {
    if let Some(id) = input.id
        && store::is_erased(&mut **tx, input.realm, id).await?
    {
        return Err(Error::CustomerNotFound); // an id of somebody who was erased never comes again
    }
    let fresh = Customer::meet(input.realm, &input.email, input.introduction.clone(), input.now);
    let fresh = match (input.proven, input.id) {
        (Proven::Phone, _) => fresh.of_phone(),
        (Proven::Provider, Some(id)) => fresh.of_provider(id),
        _ => fresh,
    };
    let fresh = if input.prepare { fresh } else { fresh.registered() };
    if store::insert(tx, &fresh).await? {
        outbox::publish(tx, &created(&fresh));
        return Ok(fresh);
    }
    find(tx, input).await?.ok_or(Error::CustomerNotFound)
}

/// The record of what was proven, locked.
async fn find(tx: &mut Tx, input: &RegisterCustomer) -> Result<Option<Customer>, Error> {
    match (input.proven, &input.introduction.phone) {
        (Proven::Phone, Some(phone)) => find_by_phone(tx, input, phone).await,
        (Proven::Provider, _) => match input.id {
            Some(id) => store::lock(tx, input.realm, id).await,
            None => Ok(None),
        },
        _ => store::lock_by_email(tx, input.realm, &input.email).await,
    }
}

/// The record that the phone signs in, with this e-mail or still without an account. With only a phone proven, no
/// record of the e-mail is theirs.
async fn find_by_phone(tx: &mut Tx, input: &RegisterCustomer, phone: &Phone) -> Result<Option<Customer>, Error> {
    let own = store::lock_by_phone(tx, input.realm, phone).await?;
    if own.as_ref().is_some_and(|own| own.is_registered() && !own.has_email(&input.email)) {
        return Err(Error::PhoneTaken);
    }
    Ok(own)
}

/// Writes what changed, if anything did.
pub async fn save(tx: &mut Tx, customer: &Customer, fields: &[&str]) -> Result<(), Error> {
    if !fields.is_empty() {
        store::save(tx, customer).await?;
        publish_change(tx, customer, fields).await?;
    }
    Ok(())
}
