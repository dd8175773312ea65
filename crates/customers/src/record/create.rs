//! Makes the record of somebody whom staff met (CU-8).
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kit::{Call, Tx, audit::Entry, ids::RealmId, outbox};
use proto::customers::v1 as pb;

use super::{
    details::Details,
    tags,
    told::{record, told},
};
use crate::{
    Error,
    customer::{Customer, customer::Introduction, ensure::created, store},
    fields::Fields,
    key::Keys,
    shops::Shop,
};

/// A record to make.
#[derive(Clone, Debug)]
pub struct CreateCustomer {
    realm: RealmId,
    shop: Option<Arc<Shop>>,
    details: Details,
    tags: Vec<String>,
    now: DateTime<Utc>,
}

impl CreateCustomer {
    /// Reads a request of staff of `shop`, or of a whole network.
    pub fn parse(
        request: pb::CreateCustomerRequest,
        realm: RealmId,
        shop: Option<Arc<Shop>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let given = request.details.unwrap_or_default();
        if given.email.is_none() {
            fields.fault("/email", "required", "an e-mail address is needed");
        }
        let country = shop.as_ref().map(|shop| shop.country.clone());
        let details = Details::parse(given, country.as_deref(), &mut fields);
        let tags = tags::parse("/tags", &request.tags, &mut fields);
        fields.finish()?;
        Ok(Self { realm, shop, details, tags, now })
    }
}

/// The record. The unique index decides whether there is one of this e-mail address.
pub async fn create_customer(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    input: CreateCustomer,
) -> Result<Customer, Error> {
    let CreateCustomer { realm, shop, details, tags, now } = input;
    let email = details.email.clone().ok_or(Error::CustomerNotFound)?;
    let introduction = Introduction { name: details.name().to_owned(), ..Introduction::default() };
    let mut customer = Customer::meet(realm, &email, introduction, now);
    customer.change(details, now)?;
    customer.retag(&tags, &[])?;
    customer.version = 1;
    if !store::insert(tx, &customer).await? {
        return Err(Error::EmailTaken);
    }
    if let Some(shop) = shop {
        store::remember_shop(tx, &customer, &shop).await?;
    }
    outbox::publish(tx, &created(&customer));
    let entry = Entry::new("customer.created", ("customer", customer.id), now).created(told(&customer));
    record(tx, (call, keys), &customer, entry).await?;
    Ok(customer)
}
