//! Carts under test, with a catalog and customers that the test decides about.
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use kit::{
    Db,
    clock::timestamp,
    ids::{CustomerId, OrderId, ProductId, StoreId},
    inbox::{Consumer, Event},
    service::Service,
    transport::Transport,
};
use proto::{
    base::v1::Money,
    carts::v1::{AddLineRequest, Cart, GetCartRequest, Line, OpenCartRequest, cart_service_client::CartServiceClient},
    catalog::v1::{
        self as catalog, product_service_server as products, promotion_service_server as promotions,
        tariff_service_server::TariffServiceServer,
    },
    customers::v1::{self as customers, customer_service_server as people},
    identity::v1::Store,
    notifications::v1::{self as notifications, message_service_server as messages},
    orders::v1::{AppliedDiscount, Delivery, LinePlan, OrderPlaced, PlacedLine},
};
use testing::Rig;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{deals::Deals, tolls::Tolls};

pub type Client = CartServiceClient<Transport>;

/// Carts, and all that the test needs to know about its surroundings.
pub struct Shop {
    pub rig: Rig,
    pub client: Client,
    pub goods: Goods,
    pub deals: Deals,
    pub tolls: Tolls,
    pub people: People,
    pub letters: Letters,
}

impl Shop {
    pub async fn open() -> anyhow::Result<Self> {
        Self::settled(|_| Vec::new()).await
    }

    /// With the actors and further stores that `settle` decides about.
    pub async fn settled(settle: impl FnOnce(&mut Rig) -> Vec<Store>) -> anyhow::Result<Self> {
        let mut rig = Rig::new(carts::NAME, &carts::MIGRATOR).await?;
        let stores = settle(&mut rig);
        let (tolls, deals) = (Tolls::default(), Deals::default());
        let goods = Goods { tolls: tolls.clone(), ..Goods::default() };
        let (people, letters) = (People::default(), Letters::default());
        let peers = vec![
            Service::new("catalog")
                .rpc(products::ProductServiceServer::new(goods.clone()))
                .rpc(promotions::PromotionServiceServer::new(deals.clone()))
                .rpc(TariffServiceServer::new(tolls.clone())),
            Service::new("customers").rpc(people::CustomerServiceServer::new(people.clone())),
            Service::new("notifications").rpc(messages::MessageServiceServer::new(letters.clone())),
        ];
        let transport = rig.serve_with(carts::service(&rig.env)?, stores, peers)?;
        Ok(Self { client: Client::new(transport), rig, goods, deals, tolls, people, letters })
    }

    /// Puts a product of the actors' store on sale and answers its id.
    pub fn sell(&self, amount: i64, currency: &str) -> String {
        self.goods.sell(self.rig.actors.store, amount, currency)
    }

    /// A fresh cart of an anonymous shop front.
    pub async fn cart(&self) -> anyhow::Result<Cart> {
        Ok(self.client.clone().open_cart(self.rig.actors.anonymous(OpenCartRequest::default())).await?.into_inner())
    }

    pub async fn get(&self, id: &str) -> Result<Cart, Status> {
        Ok(self.client.clone().get_cart(self.rig.actors.anonymous(named(id))).await?.into_inner())
    }

    pub async fn add(&self, cart: &str, product: &str, quantity: u32) -> Result<Cart, Status> {
        let request = self.rig.actors.anonymous(line(cart, product, quantity));
        Ok(self.client.clone().add_line(request).await?.into_inner())
    }

    /// An order of `cart` was placed, and carts hears of it.
    pub async fn place(&self, cart: &Cart, order: OrderId) -> anyhow::Result<()> {
        self.place_with(cart, order, Vec::new()).await
    }

    /// The same with what was taken off.
    pub async fn place_with(&self, cart: &Cart, order: OrderId, discounts: Vec<AppliedDiscount>) -> anyhow::Result<()> {
        self.hear(cart, order, OrderPlaced { discounts, ..OrderPlaced::default() }).await
    }

    /// The same with how it is shipped.
    pub async fn place_shipped(&self, cart: &Cart, order: OrderId, delivery: Delivery) -> anyhow::Result<()> {
        self.hear(cart, order, OrderPlaced { delivery: Some(delivery), ..OrderPlaced::default() }).await
    }

    async fn hear(&self, cart: &Cart, order: OrderId, placed: OrderPlaced) -> anyhow::Result<()> {
        let placed = OrderPlaced {
            realm: cart.realm.clone(),
            cart: cart.id.clone(),
            order: order.into(),
            customer: kit::ids::CustomerId::new(self.rig.clock.now()).into(),
            at: Some(timestamp(self.rig.clock.now())),
            lines: cart.lines.iter().map(bought).collect(),
            ..placed
        };
        let mut tx = self.db()?.begin_own().await?;
        let events = carts::consumer::Events { clock: self.rig.clock.clone() };
        events.apply(&mut tx, &Event::new(Uuid::nil(), &placed)).await?;
        Ok(tx.commit().await?)
    }

    /// Names of the events in the outbox, in order.
    pub async fn events(&self) -> anyhow::Result<Vec<String>> {
        let subjects = sqlx::query_scalar("select subject from outbox order by id");
        let subjects: Vec<String> = subjects.fetch_all(self.db()?.pool()).await?;
        Ok(subjects.iter().map(|subject| subject.rsplit('.').next().unwrap_or_default().to_owned()).collect())
    }

    pub fn db(&self) -> anyhow::Result<Db> {
        self.rig.env.db(carts::NAME)
    }

    pub fn customer(&self) -> CustomerId {
        CustomerId::new(self.rig.clock.now())
    }
}

pub fn named(id: &str) -> GetCartRequest {
    GetCartRequest { id: id.to_owned(), destinations: None }
}

pub fn line(cart: &str, product: &str, quantity: u32) -> AddLineRequest {
    AddLineRequest { cart: cart.to_owned(), product: product.to_owned(), quantity, ..AddLineRequest::default() }
}

fn bought(line: &Line) -> PlacedLine {
    PlacedLine {
        product: line.product.clone(),
        quantity: line.quantity,
        subtotal: line.subtotal,
        discount: line.discount,
        tax: line.tax,
        included_tax: line.included_tax,
        tax_rate: line.tax_rate,
        tax_included: line.tax_included,
        kind: line.kind.clone(),
        plan: line.plan.as_ref().map(|plan| LinePlan { id: plan.id.clone(), ..LinePlan::default() }),
        ..PlacedLine::default()
    }
}

/// The stable reason of a failure.
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.expect_err("this must fail");
    kit::failure::Told::read(&status).reason
}

/// A catalog that sells what the test puts on sale.
#[derive(Clone, Default)]
pub struct Goods {
    products: Arc<Mutex<HashMap<String, catalog::Product>>>,
    tolls: Tolls,
}

impl Goods {
    pub fn sell(&self, store: StoreId, amount: i64, currency: &str) -> String {
        let id = String::from(ProductId::new("2026-01-01T00:00:00Z".parse().expect("a time")));
        let product = catalog::Product {
            id: id.clone(),
            store: store.into(),
            sku: "MUG".to_owned(),
            name: "Mug".to_owned(),
            description: "Holds a pint.".to_owned(),
            images: vec!["https://img.example.com/mug.jpg".to_owned()],
            price: Some(Money { amount, currency: currency.to_owned() }),
            kind: "physical".to_owned(),
            active: true,
            currency: currency.to_owned(),
            ..catalog::Product::default()
        };
        self.products.lock().unwrap().insert(id.clone(), product);
        id
    }

    pub fn change(&self, id: &str, change: impl FnOnce(&mut catalog::Product)) {
        change(self.products.lock().unwrap().get_mut(id).expect("a product on sale"));
    }

    pub fn withdraw(&self, id: &str) {
        self.products.lock().unwrap().remove(id);
    }
}

#[tonic::async_trait]
impl products::ProductService for Goods {
    async fn batch_get_products(
        &self,
        request: Request<catalog::BatchGetProductsRequest>,
    ) -> Result<Response<catalog::BatchGetProductsResponse>, Status> {
        kit::Call::of(&request)?.actor()?.require_system().map_err(kit::Error::from)?;
        let catalog::BatchGetProductsRequest { ids, skus, store } = request.into_inner();
        assert!((1..=200).contains(&(ids.len() + skus.len())), "asked about {} products", ids.len());
        let goods = self.products.lock().unwrap();
        let named = |product: &&catalog::Product| {
            ids.contains(&product.id) || (product.store == store && skus.contains(&product.sku))
        };
        let version = self.tolls.version();
        let versioned = |product| catalog::Product { tariff_version: version, ..product };
        let products = goods.values().filter(named).cloned().map(versioned).collect();
        Ok(Response::new(catalog::BatchGetProductsResponse { products }))
    }

    async fn create_product(
        &self,
        _: Request<catalog::CreateProductRequest>,
    ) -> Result<Response<catalog::Product>, Status> {
        Err(Status::unimplemented("carts only reads"))
    }

    async fn update_product(
        &self,
        _: Request<catalog::UpdateProductRequest>,
    ) -> Result<Response<catalog::Product>, Status> {
        Err(Status::unimplemented("carts only reads"))
    }

    async fn delete_product(
        &self,
        _: Request<catalog::DeleteProductRequest>,
    ) -> Result<Response<catalog::DeleteProductResponse>, Status> {
        Err(Status::unimplemented("carts only reads"))
    }

    async fn import_products(
        &self,
        _: Request<catalog::ImportProductsRequest>,
    ) -> Result<Response<catalog::ImportProductsResponse>, Status> {
        Err(Status::unimplemented("carts only reads"))
    }

    async fn get_product(&self, _: Request<catalog::GetProductRequest>) -> Result<Response<catalog::Product>, Status> {
        Err(Status::unimplemented("carts asks in batches"))
    }

    async fn list_products(
        &self,
        _: Request<catalog::ListProductsRequest>,
    ) -> Result<Response<catalog::ListProductsResponse>, Status> {
        Err(Status::unimplemented("carts asks in batches"))
    }

    async fn browse_products(
        &self,
        _: Request<catalog::BrowseProductsRequest>,
    ) -> Result<Response<catalog::BrowseProductsResponse>, Status> {
        Err(Status::unimplemented("carts asks in batches"))
    }
}

/// Notifications that remember what they were asked to send.
#[derive(Clone, Default)]
pub struct Letters(Arc<Mutex<Vec<notifications::SendMessageRequest>>>, Arc<AtomicBool>);

impl Letters {
    pub fn all(&self) -> Vec<notifications::SendMessageRequest> {
        self.0.lock().unwrap().clone()
    }

    /// From now on, whether what is asked for is heard of, but answered with a failure.
    pub fn refuse(&self, refuse: bool) {
        self.1.store(refuse, Ordering::Relaxed);
    }
}

#[tonic::async_trait]
impl messages::MessageService for Letters {
    async fn send_message(
        &self,
        request: Request<notifications::SendMessageRequest>,
    ) -> Result<Response<notifications::Message>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        let refused = self.1.load(Ordering::Relaxed);
        if refused { Err(Status::unavailable("later")) } else { Ok(Response::new(notifications::Message::default())) }
    }

    async fn get_message(
        &self,
        _: Request<notifications::GetMessageRequest>,
    ) -> Result<Response<notifications::Message>, Status> {
        Err(Status::unimplemented("carts does not ask this"))
    }

    async fn list_messages(
        &self,
        _: Request<notifications::ListMessagesRequest>,
    ) -> Result<Response<notifications::ListMessagesResponse>, Status> {
        Err(Status::unimplemented("carts does not ask this"))
    }
}

/// Customers that remember whom they were asked to ensure.
#[derive(Clone, Default)]
pub struct People(Arc<Mutex<Vec<(customers::EnsureCustomerRequest, String)>>>, Arc<Mutex<Vec<String>>>);

impl People {
    /// Somebody with this e-mail address and name; answers the id.
    pub fn know(&self, email: &str, name: &str) -> String {
        let id = String::from(CustomerId::new("2026-01-01T00:00:00Z".parse().expect("a time")));
        let (email, name) = (email.to_owned(), name.to_owned());
        let ensured = customers::EnsureCustomerRequest { email, name, ..customers::EnsureCustomerRequest::default() };
        self.0.lock().unwrap().push((ensured, id.clone()));
        id
    }

    /// Lets somebody agree to marketing by mail.
    pub fn agree(&self, id: &str) {
        self.1.lock().unwrap().push(id.to_owned());
    }

    /// What was asked, and the id that was answered.
    pub fn ensured(&self) -> Vec<(customers::EnsureCustomerRequest, String)> {
        self.0.lock().unwrap().clone()
    }
}

#[tonic::async_trait]
impl people::CustomerService for People {
    async fn ensure_customer(
        &self,
        request: Request<customers::EnsureCustomerRequest>,
    ) -> Result<Response<customers::EnsureCustomerResponse>, Status> {
        kit::Call::of(&request)?.actor()?.require_system().map_err(kit::Error::from)?;
        let request = request.into_inner();
        let mut known = self.0.lock().unwrap();
        let met = known.iter().find(|(one, _)| one.email == request.email).map(|(_, id)| id.clone());
        let id = Some(request.customer.clone()).filter(|id| !id.is_empty()).or(met);
        let created = id.is_none();
        let id = id.unwrap_or_else(|| CustomerId::new("2026-01-01T00:00:00Z".parse().expect("a time")).into());
        known.push((request, id.clone()));
        let customer = Some(customers::Customer { id, ..customers::Customer::default() });
        Ok(Response::new(customers::EnsureCustomerResponse { customer, created }))
    }

    async fn register_customer(
        &self,
        _: Request<customers::RegisterCustomerRequest>,
    ) -> Result<Response<customers::Customer>, Status> {
        Err(Status::unimplemented("carts registers nobody"))
    }

    async fn find_customer(
        &self,
        _: Request<customers::FindCustomerRequest>,
    ) -> Result<Response<customers::FindCustomerResponse>, Status> {
        Err(Status::unimplemented("carts looks nobody up"))
    }

    async fn get_customer(
        &self,
        request: Request<customers::GetCustomerRequest>,
    ) -> Result<Response<customers::Customer>, Status> {
        let id = request.into_inner().id;
        let known = self.0.lock().unwrap();
        let (ensured, _) = known.iter().find(|(_, known)| *known == id).ok_or_else(|| Status::not_found("nobody"))?;
        let status = if ensured.name == "inactive" { "inactive" } else { "active" }.to_owned();
        let agreed = self.1.lock().unwrap().contains(&id);
        let consents = agreed.then(|| ("email".to_owned(), true)).into_iter().collect();
        let email = ensured.email.clone();
        let customer = customers::Customer { id, email, status, consents, ..customers::Customer::default() };
        Ok(Response::new(customer))
    }

    async fn list_customers(
        &self,
        _: Request<customers::ListCustomersRequest>,
    ) -> Result<Response<customers::ListCustomersResponse>, Status> {
        Err(Status::unimplemented("carts looks nobody up"))
    }

    async fn update_own_profile(
        &self,
        _: Request<customers::UpdateOwnProfileRequest>,
    ) -> Result<Response<customers::Customer>, Status> {
        Err(Status::unimplemented("carts changes nobody"))
    }
}
