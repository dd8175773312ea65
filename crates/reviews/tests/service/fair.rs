//! The service under test with its peers: a fair of stores, what they sell, and the people who buy there.
use kit::{
    Db,
    ids::{CustomerId, NetworkId, OrderId, ProductId, RealmId, StoreId},
    inbox::{Consumer, Event},
    service::Service,
    transport::Transport,
};
use proto::{
    catalog::v1::{Product, product_service_server::ProductServiceServer},
    customers::v1::{Customer, customer_service_server::CustomerServiceServer},
    identity::v1::{Network, Store},
    orders::v1::{OrderPlaced, PlacedLine},
    reviews::v1::{Review, SubmitReviewRequest, review_service_client::ReviewServiceClient},
};
use reviews::consumer::Events;
use testing::{Actors, Rig};
use tonic::Status;

use crate::peers::Town;

pub struct Fair {
    pub rig: Rig,
    pub client: ReviewServiceClient<Transport>,
    pub db: Db,
    town: Town,
}

impl Fair {
    /// A store of its own.
    pub async fn open() -> anyhow::Result<Self> {
        Self::open_with(Service::new("customers")).await
    }

    /// The same beside `customers` who answer more than these tests ask for otherwise.
    pub async fn open_with(customers: Service) -> anyhow::Result<Self> {
        Self::build(Rig::new(reviews::NAME, &reviews::MIGRATOR).await?, Vec::new(), customers)
    }

    /// A network of two stores; answers the actors of the second, too.
    pub async fn of_two(reviews_enabled: bool) -> anyhow::Result<(Self, Actors)> {
        let mut rig = Rig::new(reviews::NAME, &reviews::MIGRATOR).await?;
        let network = NetworkId::new(rig.clock.now());
        rig.actors.network = Some(network);
        rig.actors.realm = RealmId::from_uuid(network.uuid());
        rig.networks.push(Network { id: network.into(), reviews_enabled, ..Network::default() });
        let mut sister = rig.actors.clone();
        sister.store = StoreId::new(rig.clock.now());
        let store = Store { id: sister.store.into(), ..rig.store() };
        Ok((Self::build(rig, vec![store], Service::new("customers"))?, sister))
    }

    fn build(rig: Rig, stores: Vec<Store>, customers: Service) -> anyhow::Result<Self> {
        let town = Town::default();
        let peers = vec![
            Service::new("catalog").rpc(ProductServiceServer::new(town.clone())),
            customers.rpc(CustomerServiceServer::new(town.clone())),
        ];
        let transport = rig.serve_with(reviews::service(&rig.env)?, stores, peers)?;
        let db = rig.env.db(reviews::NAME)?;
        Ok(Self { client: ReviewServiceClient::new(transport), rig, db, town })
    }

    /// A product of this store.
    pub fn product(&self, store: StoreId) -> String {
        let id = ProductId::new(self.rig.clock.now()).to_string();
        self.town.add_product(Product { id: id.clone(), store: store.into(), ..Product::default() });
        id
    }

    /// A registered customer.
    pub fn customer(&self, name: &str) -> CustomerId {
        self.person(name, "registered")
    }

    /// A customer of any registration.
    pub fn person(&self, name: &str, registration: &str) -> CustomerId {
        let id = CustomerId::new(self.rig.clock.now());
        self.town.add_customer(Customer {
            id: id.into(),
            name: name.to_owned(),
            email: "ada@example.com".to_owned(),
            phone: "+49301234567".to_owned(),
            registration: registration.to_owned(),
            ..Customer::default()
        });
        id
    }

    /// `author` reviews `subject` at the actors' store.
    pub async fn submit(&self, author: CustomerId, subject: &str, rating: u32) -> Result<Review, Status> {
        let request = self.rig.actors.customer(author, review(subject, rating));
        Ok(self.client.clone().submit_review(request).await?.into_inner())
    }

    /// `customer` buys `product` at the actors' store: the event is applied as if it came from the broker.
    pub async fn buy(&self, customer: CustomerId, product: &str) -> anyhow::Result<()> {
        self.buy_all(&[(customer, product)]).await
    }

    /// The same of several, heard of together.
    pub async fn buy_all(&self, bought: &[(CustomerId, &str)]) -> anyhow::Result<()> {
        let now = self.rig.clock.now();
        let event = |(customer, product): &(CustomerId, &str)| {
            let line = PlacedLine { product: (*product).to_owned(), quantity: 1, ..PlacedLine::default() };
            let placed = OrderPlaced {
                realm: self.rig.actors.realm.into(),
                store: self.rig.actors.store.into(),
                order: OrderId::new(now).into(),
                customer: (*customer).into(),
                lines: vec![line.clone(), line],
                ..OrderPlaced::default()
            };
            Event::new(kit::ids::uuid(now), &placed)
        };
        let events: Vec<Event> = bought.iter().map(event).collect();
        let mut tx = self.db.begin_own().await?;
        Events { clock: self.rig.clock.clone() }.apply_all(&mut tx, &events.iter().collect::<Vec<_>>()).await?;
        Ok(tx.commit().await?)
    }

    /// How many events of this name were published.
    pub async fn published(&self, name: &str) -> anyhow::Result<i64> {
        let subject = format!("patron.reviews.v1.{name}");
        let count = sqlx::query_scalar("select count(*) from outbox where subject = $1").bind(subject);
        Ok(count.fetch_one(self.db.pool()).await?)
    }
}

/// A review to submit.
pub fn review(subject: &str, rating: u32) -> SubmitReviewRequest {
    SubmitReviewRequest { subject: subject.to_owned(), rating, content: "Good.".to_owned() }
}

/// The reason of a failure.
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    kit::failure::Told::read(&answer.expect_err("a failure")).reason
}
