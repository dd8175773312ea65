//! Creating an account with a code (ID-1). The first transaction counts the try. Customers then finds or makes the record
//! without marking it. The second transaction uses the code up, which decides every race, makes the account and opens
//! the session. Only then is the record marked registered; should that fail, the event of the account does it.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, clock::timestamp, email::Email, ids::CustomerId, outbox, phone::Phone};
use proto::{
    customers::v1::RegisterCustomerRequest,
    identity::v1::{self as pb, CustomerRegistered},
};
use uuid::Uuid;

use super::{
    desk::{Desk, Person, Visitor},
    identity::{self, Identity},
    store,
};
use crate::{
    Error, attempt,
    code::{self, Purpose, Question},
    contact::{self, request::RequestContactCode},
    input,
    lookup::By,
    password::{Password, password::SHORTEST},
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
};

/// An account to create.
#[derive(Debug)]
pub struct Register {
    visitor: Visitor,
    /// What the code proves.
    proven: Identity,
    code: String,
    name: String,
    password: Option<Password>,
    email: Email,
    phone: Option<Phone>,
    now: DateTime<Utc>,
}

impl Register {
    /// Reads a request by `visitor`.
    pub fn parse(request: &pb::RegisterRequest, visitor: Visitor, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let country = &*visitor.front.country;
        let proven = faults.take(Identity::parse("/identity", &request.identity, country));
        let code = faults.take(input::text("/code", &request.code, 40));
        let name = faults.take(input::text("/name", &request.name, 120));
        let personal = [&*request.identity, &*request.email, &*request.phone, &*visitor.front.name];
        let password = Some(&*request.password).filter(|password| !password.is_empty());
        let password = password.map(|password| Password::choose(password, SHORTEST, &personal)).transpose();
        let password = faults.take(password);
        let contact = proven.as_ref().and_then(|proven| match proven {
            Identity::Email(email) => {
                let phone = Some(&*request.phone).filter(|phone| !phone.trim().is_empty());
                let phone = phone.map(|phone| identity::phone("/phone", phone, country)).transpose();
                Some((email.clone(), faults.take(phone)?))
            }
            Identity::Phone(phone) => Some((faults.take(input::email("/email", &request.email))?, Some(phone.clone()))),
        });
        match (proven, code, name, password, contact) {
            (Some(proven), Some(code), Some(name), Some(password), Some((email, phone))) => {
                Ok(Self { visitor, proven, code, name, password, email, phone, now })
            }
            _ => Err(faults.into()),
        }
    }

    /// The e-mail address of the account.
    #[must_use]
    pub fn email(&self) -> &str {
        self.email.canonical()
    }

    fn proven_phone(&self) -> Option<&Phone> {
        if let Identity::Phone(phone) = &self.proven { Some(phone) } else { None }
    }

    fn question(&self) -> Question<'_> {
        Question { realm: self.visitor.realm, purpose: Purpose::Create, identity: self.proven.canonical() }
    }

    /// What customers is told; no `account` while there is none yet.
    fn customer(&self, call: &Call, account: Option<CustomerId>) -> RegisterCustomerRequest {
        RegisterCustomerRequest {
            realm: self.visitor.realm.into(),
            store: self.visitor.store.map(String::from).unwrap_or_default(),
            email: self.email.entered().to_owned(),
            name: self.name.clone(),
            phone: self.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            ip: call.client().ip.clone(),
            proven: if self.proven_phone().is_some() { "phone" } else { "email" }.to_owned(),
            prepare: account.is_none(),
            customer: account.map(String::from).unwrap_or_default(),
        }
    }

    /// The id of the code, if it is right.
    pub async fn prove(&self, desk: &Desk, call: &Call) -> Result<Uuid, Error> {
        code::prove(desk, call, &self.question(), &self.code).await
    }

    /// Counts an account made from this network address, or says how long to wait (ID-27). The code stays good.
    pub async fn allow(&self, desk: &Desk, call: &Call) -> Result<(), Error> {
        let network = attempt::attempt::network(&desk.secrets, &call.client().ip);
        attempt::store::take(desk.db.pool(), &desk.limits.registration, network, self.now).await
    }
}

/// Who the account will be of: the record of what was proven, found or made, and still a guest's.
pub async fn prepare_customer(desk: &Desk, call: &Call, input: &Register) -> Result<CustomerId, Error> {
    if let Some(person) = desk.find(call, input.visitor.realm, input.proven.canonical()).await? {
        admit(desk, input, &person).await?;
    }
    let request = input.customer(call, None);
    let customer = desk.customers.clone().register_customer(call.trace(request)).await?.into_inner();
    Ok(Person::read(&customer)?.id)
}

/// Has the record marked, now that there is an account. The account stands whatever comes of it: customers also
/// listens to its event.
pub async fn mark_customer(desk: &Desk, call: &Call, input: &Register, customer: CustomerId) {
    let request = input.customer(call, Some(customer));
    if let Err(error) = desk.customers.clone().register_customer(call.trace(request)).await {
        tracing::warn!(error.detail = %error.message(), "an account's record is marked by its event only");
    }
}

/// Whether the code opens this record: nobody's who is kept out (ID-9), and an account is made once.
async fn admit(desk: &Desk, input: &Register, person: &Person) -> Result<(), Error> {
    if !person.is_active {
        return Err(Error::BadCode);
    }
    let account = store::find(desk.db.pool(), input.visitor.realm, Some(person.id)).await?;
    if account.is_some() { Err(Error::AlreadyRegistered) } else { Ok(()) }
}

/// With a proven phone the e-mail address is still to be proven: its owner gets a code for that, or word that it is
/// somebody else's already. Whoever registers learns neither (ID-7), and the account stands whatever comes of it.
pub async fn ask_for_email(desk: &Desk, call: &Call, input: &Register, customer: CustomerId) {
    if input.proven_phone().is_some() {
        let (visitor, email) = (&input.visitor, Identity::Email(input.email.clone()));
        let request = RequestContactCode { visitor, identity: &email, customer, now: input.now };
        if let Err(error) = contact::request::request_code(desk, call, &request).await {
            tracing::warn!(error.detail = ?error, "the e-mail address of a new account could not be asked about");
        }
    }
}

/// Hash of the password, if one was chosen; slow, so it is made before the transaction.
pub async fn hash(desk: &Desk, input: &Register) -> Result<Option<String>, Error> {
    match &input.password {
        Some(password) => Ok(Some(desk.hasher.hash(password).await?)),
        None => Ok(None),
    }
}

/// Uses the code up, creates the account and signs it in.
pub async fn register(
    tx: &mut Tx,
    (desk, call): (&Desk, &Call),
    input: &Register,
    (code, customer, password_hash): (Uuid, CustomerId, Option<String>),
) -> Result<(Session, String), Error> {
    let (realm, now) = (input.visitor.realm, input.now);
    if !code::store::consume(tx, &input.question(), &desk.secrets, code, now).await? {
        return Err(Error::BadCode);
    }
    let phone_hash = match input.proven_phone() {
        Some(phone) => Some(desk.lookup.hash(By::Phone, phone.as_str()).await?),
        None => None,
    };
    let credentials = store::Credentials {
        realm,
        customer,
        password_hash: password_hash.as_deref(),
        phone_hash,
        client: call.client(),
        now,
    };
    store::insert(tx, &credentials).await?;
    if let Identity::Email(email) = &input.proven {
        let email_hash = desk.lookup.hash(By::Shopper, email.canonical()).await?;
        store::index_shopper(tx, email_hash, realm, customer, now).await?;
    }
    let registered = CustomerRegistered {
        realm: realm.into(),
        customer: customer.into(),
        store: input.visitor.store.map(String::from).unwrap_or_default(),
        at: Some(timestamp(now)),
    };
    outbox::publish(tx, &registered);
    let subject = Subject::Customer(realm, customer);
    open_session(tx, OpenSession { subject, methods: &["code"], client: call.client(), now }).await
}
