//! A store with its customers service, and short ways to what tests do again and again.
use chrono::{DateTime, Utc};
use customers::consumer::Events;
use kit::{
    Db, clock,
    failure::Told,
    ids::{CustomerId, OrderId, ReviewId, TransactionId},
    inbox::{Consumer, Event},
    permission::Permission,
    service::Service,
    transport::Transport,
};
use prost::Message;
use proto::{
    base::v1::{Condition, Filter, Money, filter::Node},
    customers::v1::{
        Customer, EnsureCustomerRequest, GetCustomerRequest, ListCustomersRequest, ListCustomersResponse,
        RegisterCustomerRequest, customer_service_client::CustomerServiceClient,
    },
    orders::v1::{OrderPlaced, PaymentCaptured},
    reviews::v1::{ReviewDeleted, ReviewSubmitted},
};
use testing::{Actors, Rig};
use tonic::Status;

pub type Client = CustomerServiceClient<Transport>;

/// Customer service.
pub const PII: &[Permission] = &[Permission::CustomersRead, Permission::CustomersPii];
/// The same, who changes what they see.
pub const DESK: &[Permission] = &[Permission::CustomersRead, Permission::CustomersWrite, Permission::CustomersPii];
/// A moderator.
pub const NO_PII: &[Permission] = &[Permission::CustomersRead];

pub struct Shop {
    pub rig: Rig,
    pub client: Client,
    pub way: Transport,
    pub db: Db,
}

impl Shop {
    pub async fn open() -> anyhow::Result<Self> {
        Self::of(Rig::new(customers::NAME, &customers::MIGRATOR).await?)
    }

    /// The shop of a rig that was prepared otherwise.
    pub fn of(rig: Rig) -> anyhow::Result<Self> {
        Self::with(rig, Vec::new())
    }

    /// The shop of a rig beside other services.
    pub fn among(rig: Rig, peers: Vec<Service>) -> anyhow::Result<Self> {
        let way = rig.serve_with(customers::service(&rig.env)?, Vec::new(), peers)?;
        let (client, db) = (Client::new(way.clone()), rig.env.db(customers::NAME)?);
        Ok(Self { rig, client, way, db })
    }

    /// The shop of a rig beside other stores.
    pub fn with(rig: Rig, stores: Vec<proto::identity::v1::Store>) -> anyhow::Result<Self> {
        let way = rig.serve(customers::service(&rig.env)?, stores)?;
        let (client, db) = (Client::new(way.clone()), rig.env.db(customers::NAME)?);
        Ok(Self { rig, client, way, db })
    }

    /// A shop, and the actors of a store of another realm.
    pub async fn beside() -> anyhow::Result<(Self, Actors)> {
        let rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
        let other = rig.actors.elsewhere();
        let store = proto::identity::v1::Store { id: other.store.into(), realm: other.realm.into(), ..rig.store() };
        Ok((Self::with(rig, vec![store])?, other))
    }

    pub fn actors(&self) -> &Actors {
        &self.rig.actors
    }

    /// One and the same clerk, each time.
    pub fn clerk<T>(&self, message: T) -> tonic::Request<T> {
        let mut claims = self.actors().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
        claims.perms = DESK.iter().copied().collect();
        self.actors().request(&claims, message)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.rig.clock.now()
    }

    /// Somebody at the checkout.
    pub fn somebody(&self, email: &str) -> EnsureCustomerRequest {
        EnsureCustomerRequest {
            realm: self.actors().realm.into(),
            store: self.actors().store.into(),
            email: email.to_owned(),
            ..EnsureCustomerRequest::default()
        }
    }

    pub async fn meet(&self, email: &str, name: &str) -> anyhow::Result<Customer> {
        let request = EnsureCustomerRequest { name: name.to_owned(), ..self.somebody(email) };
        let answer = self.client.clone().ensure_customer(self.actors().system("carts", request)).await?;
        Ok(answer.into_inner().customer.unwrap_or_default())
    }

    pub async fn register(&self, email: &str) -> Result<Customer, Status> {
        let request = RegisterCustomerRequest {
            realm: self.actors().realm.into(),
            store: self.actors().store.into(),
            email: email.to_owned(),
            ..RegisterCustomerRequest::default()
        };
        let answer = self.client.clone().register_customer(self.actors().system("identity", request)).await?;
        Ok(answer.into_inner())
    }

    pub async fn get(&self, permissions: &[Permission], id: &str) -> Result<Customer, Status> {
        let request = self.actors().staff(permissions, GetCustomerRequest { id: id.to_owned() });
        Ok(self.client.clone().get_customer(request).await?.into_inner())
    }

    pub async fn list(&self, request: ListCustomersRequest) -> Result<ListCustomersResponse, Status> {
        Ok(self.client.clone().list_customers(self.actors().staff(PII, request)).await?.into_inner())
    }

    /// The names of a list, in its order.
    pub async fn names(&self, request: ListCustomersRequest) -> Result<Vec<String>, Status> {
        Ok(self.list(request).await?.customers.into_iter().map(|customer| customer.name).collect())
    }

    /// Has the service hear of `event`, as if for the first time.
    pub async fn hear<E: prost::Name>(&self, event: &E) -> anyhow::Result<()> {
        let mut tx = self.db.begin_own().await?;
        let id = TransactionId::new(self.now()).uuid();
        Events::new(&self.rig.clock).apply(&mut tx, &Event::new(id, event)).await?;
        Ok(tx.commit().await?)
    }

    /// The newest entry of the audit for `action`: what was there before, and what is there since.
    pub async fn audited(&self, action: &str) -> anyhow::Result<proto::base::v1::Audited> {
        let sql = "select payload from outbox where subject = 'patron.customers.v1.Audited' order by id desc";
        let payloads: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(self.db.pool()).await?;
        let mut entries = payloads.iter().map(|payload| proto::base::v1::Audited::decode(payload.as_slice()));
        let found = entries.find(|entry| entry.as_ref().is_ok_and(|entry| entry.action == action));
        Ok(found.ok_or_else(|| anyhow::anyhow!("{action} was not recorded"))??)
    }

    /// How many events of this kind wait to be carried.
    pub async fn published(&self, subject: &str) -> anyhow::Result<i64> {
        let sql = "select count(*) from outbox where subject = $1";
        Ok(sqlx::query_scalar(sql).bind(subject).fetch_one(self.db.pool()).await?)
    }

    pub fn placed(&self, customer: &str, number: &str, at: DateTime<Utc>) -> OrderPlaced {
        OrderPlaced {
            realm: self.actors().realm.into(),
            store: self.actors().store.into(),
            order: OrderId::new(at).into(),
            customer: customer.to_owned(),
            number: number.to_owned(),
            total: Some(Money { amount: 1000, currency: "EUR".to_owned() }),
            at: Some(clock::timestamp(at)),
            ..OrderPlaced::default()
        }
    }

    pub fn captured(&self, customer: &str, (amount, currency): (i64, &str), at: DateTime<Utc>) -> PaymentCaptured {
        PaymentCaptured {
            realm: self.actors().realm.into(),
            store: self.actors().store.into(),
            order: OrderId::new(at).into(),
            customer: customer.to_owned(),
            transaction: TransactionId::new(at).into(),
            amount: Some(Money { amount, currency: currency.to_owned() }),
            at: Some(clock::timestamp(at)),
        }
    }

    pub fn reviewed(&self, customer: &str, at: DateTime<Utc>) -> ReviewSubmitted {
        ReviewSubmitted {
            realm: self.actors().realm.into(),
            store: self.actors().store.into(),
            review: ReviewId::new(at).into(),
            author: customer.to_owned(),
            rating: 5,
            at: Some(clock::timestamp(at)),
            ..ReviewSubmitted::default()
        }
    }
}

/// The deletion of a review.
pub fn deletion(review: &ReviewSubmitted) -> ReviewDeleted {
    ReviewDeleted {
        realm: review.realm.clone(),
        review: review.review.clone(),
        author: review.author.clone(),
        subject: review.subject.clone(),
        at: review.at,
        store: review.store.clone(),
    }
}

pub fn filter(field: &str, op: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Filter { node: Some(Node::Condition(Condition { field: field.to_owned(), op: op.to_owned(), values })) }
}

pub fn id(customer: &Customer) -> CustomerId {
    customer.id.parse().expect("the id of a customer")
}

pub fn reason(status: &Status) -> String {
    Told::read(status).reason
}

/// Pointers and codes of what was at fault.
pub fn faults(status: &Status) -> Vec<(String, String)> {
    let violations = Told::read(status).violations;
    violations.into_iter().map(|fault| (fault.pointer.into_owned(), fault.code.into_owned())).collect()
}
