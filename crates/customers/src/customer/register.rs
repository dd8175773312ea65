//! Makes the record of a proven person registered, the one that is there or a new one (ID-1).
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kit::{Tx, email::Email, ids::RealmId, outbox, phone::Phone};
use proto::customers::v1 as pb;

use super::{
    customer::{Customer, Introduction, Proven},
    ensure::{NAME, created, publish_change},
    store,
};
use crate::{Error, fields::Fields, shops::Shop};

/// A proven person.
#[derive(Clone, Debug)]
pub struct RegisterCustomer {
    realm: RealmId,
    shop: Option<Arc<Shop>>,
    email: Email,
    introduction: Introduction,
    proven: Proven,
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
            _ => {
                fields.fault("/proven", "unknown", "either the email or the phone was proven");
                Proven::Email
            }
        };
        if proven == Proven::Phone && phone.is_none() {
            fields.fault("/phone", "malformed", "the proven phone cannot be read");
        }
        let name = fields.line("/name", &request.name, NAME);
        let ip = fields.line("/ip", &request.ip, 45);
        fields.finish()?;
        let email = email.ok_or(Error::CustomerNotFound)?;
        let introduction = Introduction { name, phone, ip, address: None };
        Ok(Self { realm, shop, email, introduction, proven, now })
    }
}

/// The registered customer. Repeating it changes nothing.
pub async fn register_customer(tx: &mut Tx, input: RegisterCustomer) -> Result<Customer, Error> {
    let shop = input.shop.clone();
    let fresh = Customer::meet(input.realm, &input.email, input.introduction.clone(), input.now);
    let fresh = fresh.registered(input.proven);
    let customer = match store::lock_by_email(tx, input.realm, &input.email).await? {
        Some(customer) => upgrade(tx, customer, input).await?,
        None if store::insert(tx, &fresh).await? => {
            outbox::publish(tx, &created(&fresh)).await?;
            fresh
        }
        None => {
            let known = store::lock_by_email(tx, input.realm, &input.email).await?;
            upgrade(tx, known.ok_or(Error::CustomerNotFound)?, input).await?
        }
    };
    if let Some(shop) = shop {
        store::remember_shop(tx, &customer, &shop).await?;
    }
    Ok(customer)
}

async fn upgrade(tx: &mut Tx, mut customer: Customer, input: RegisterCustomer) -> Result<Customer, Error> {
    let fields = customer.register(&input.introduction, input.proven, input.now)?;
    if !fields.is_empty() {
        store::save(tx, &customer).await?;
        publish_change(tx, &customer, &fields).await?;
    }
    Ok(customer)
}
