//! Signing in somebody a provider vouches for: by (issuer, subject) first, then by an e-mail address that both sides
//! have proven. An address that only one side has proven links nothing: otherwise whoever registers somebody's address
//! first, here or there, would share their account (pre-hijacking).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    clock::timestamp,
    failure::{Code, Failure},
    ids::{CustomerId, RealmId},
    outbox,
};
use proto::{customers::v1::RegisterCustomerRequest, identity::v1::CustomerRegistered};

use super::{Provider, store, token::Vouched};
use crate::{
    Error, account,
    account::{Desk, Visitor, desk::Person},
    lookup::By,
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
};

/// Whose session it will be.
#[derive(Debug)]
pub struct Admitted {
    /// Who.
    pub customer: CustomerId,
    /// Whether the account is still to be made.
    pub is_new: bool,
    /// When they came, before their door was found open.
    pub came_at: DateTime<Utc>,
}

/// Who it is here. Nobody's account is made yet, but the record is there.
pub async fn admit(desk: &Desk, call: &Call, visitor: &Visitor, vouched: &Vouched) -> Result<Admitted, Error> {
    let (realm, came_at) = (visitor.realm, desk.clock.now());
    if let Some(customer) = store::find(desk.db.pool(), realm, vouched).await? {
        let person = match desk.get(call, customer).await {
            // The record could not be made when they first came.
            Err(error) if error.code() == Code::NotFound => {
                vouched.email.as_ref().ok_or(Error::EmailRequired)?;
                register(desk, call, (visitor, vouched), ("provider", Some(customer))).await?
            }
            person => person?,
        };
        let known = account::store::find(desk.db.pool(), realm, Some(customer)).await?.is_some();
        return if person.is_active {
            Ok(Admitted { customer, is_new: !known, came_at })
        } else {
            Err(Error::BadToken)
        };
    }
    let email = vouched.email.as_ref().ok_or(Error::EmailRequired)?;
    if !vouched.email_verified {
        return apart(desk, call, visitor, vouched).await;
    }
    if let Some(person) = desk.find(call, realm, email.canonical()).await? {
        if !person.is_active {
            return Err(Error::BadToken);
        }
        if account::store::find(desk.db.pool(), realm, Some(person.id)).await?.is_some() {
            return link(desk, realm, (&person, came_at), vouched).await;
        }
    }
    let person = register(desk, call, (visitor, vouched), ("email", None)).await?;
    keep(desk, realm, (vouched, person.id, came_at)).await
}

/// Links with an account whose address was proven here, too.
async fn link(
    desk: &Desk,
    realm: RealmId,
    (person, came_at): (&Person, DateTime<Utc>),
    vouched: &Vouched,
) -> Result<Admitted, Error> {
    let email = vouched.email.as_ref().map_or("", |email| email.canonical());
    let hash = desk.lookup.hash(By::Shopper, email).await?;
    if !account::store::is_shopper(desk.db.pool(), hash, realm, Some(person.id)).await? {
        return Err(Error::AlreadyRegistered);
    }
    let Admitted { customer, .. } = keep(desk, realm, (vouched, person.id, came_at)).await?;
    Ok(Admitted { customer, is_new: false, came_at })
}

/// A record of its own, whose address says nothing about who it is until it is proven. Its id is chosen here, so that of
/// two who race there is one.
async fn apart(desk: &Desk, call: &Call, visitor: &Visitor, vouched: &Vouched) -> Result<Admitted, Error> {
    let fresh = CustomerId::new(desk.clock.now());
    let admitted = keep(desk, visitor.realm, (vouched, fresh, desk.clock.now())).await?;
    register(desk, call, (visitor, vouched), ("provider", Some(admitted.customer))).await?;
    Ok(admitted)
}

async fn keep(
    desk: &Desk,
    realm: RealmId,
    (vouched, customer, came_at): (&Vouched, CustomerId, DateTime<Utc>),
) -> Result<Admitted, Error> {
    let mut tx = desk.db.begin_own().await?;
    let customer = store::keep(&mut tx, realm, (vouched, customer), came_at).await?;
    tx.commit().await?;
    Ok(Admitted { customer, is_new: true, came_at })
}

async fn register(
    desk: &Desk,
    call: &Call,
    (visitor, vouched): (&Visitor, &Vouched),
    (proven, customer): (&str, Option<CustomerId>),
) -> Result<Person, Error> {
    let request = RegisterCustomerRequest {
        realm: visitor.realm.into(),
        store: visitor.store.map(String::from).unwrap_or_default(),
        email: vouched.email.as_ref().map(|email| email.entered().to_owned()).unwrap_or_default(),
        name: vouched.name.chars().filter(|c| !c.is_control()).take(120).collect(),
        phone: String::new(),
        ip: call.client().ip.clone(),
        proven: proven.to_owned(),
        prepare: true,
        customer: customer.map(String::from).unwrap_or_default(),
    };
    let customer = desk.customers.clone().register_customer(call.trace(request)).await?.into_inner();
    Ok(Person::read(&customer)?)
}

/// Uses the nonce up, makes the account when there is none yet, and opens the session.
pub async fn sign_in(
    tx: &mut Tx,
    (desk, call, visitor): (&Desk, &Call, &Visitor),
    (provider, vouched): (Provider, &Vouched),
    admitted: &Admitted,
) -> Result<(Session, String), Error> {
    let (realm, customer, now) = (visitor.realm, admitted.customer, admitted.came_at);
    if let Some(nonce) = &vouched.nonce
        && !store::use_nonce(tx, &vouched.issuer, nonce).await?
    {
        return Err(Error::BadToken);
    }
    if admitted.is_new {
        let credentials = account::store::Credentials {
            realm,
            customer,
            password_hash: None,
            phone_hash: None,
            client: call.client(),
            now,
        };
        account::store::insert(tx, &credentials).await?;
        let registered = CustomerRegistered {
            realm: realm.into(),
            customer: customer.into(),
            store: visitor.store.map(String::from).unwrap_or_default(),
            at: Some(timestamp(now)),
        };
        outbox::publish(tx, &registered);
        if let Some(email) = vouched.email.as_ref().filter(|_| vouched.email_verified) {
            let hash = desk.lookup.hash(By::Shopper, email.canonical()).await?;
            account::store::index_shopper(tx, hash, realm, customer, now).await?;
        }
    }
    let methods = [provider.slug()];
    let subject = Subject::Customer(realm, customer);
    open_session(tx, OpenSession { subject, methods: &methods, client: call.client(), now }).await
}
