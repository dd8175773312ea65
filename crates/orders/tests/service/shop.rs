//! Orders under test, and all that a test needs to know about its surroundings.
use std::time::Duration;

use kit::{
    Db,
    call::header,
    failure::Told,
    ids::{CartId, CustomerId, ProductId},
    service::{Service, Task},
    transport::Transport,
};
use proto::{
    base::v1::Address,
    carts::v1::{Cart, Contact, Line, cart_service_server::CartServiceServer},
    catalog::v1::{
        product_file_service_server::ProductFileServiceServer, product_service_server::ProductServiceServer,
    },
    customers::v1::{Customer, customer_service_server::CustomerServiceServer},
    notifications::v1::message_service_server::MessageServiceServer,
    orders::v1::{
        BeginCheckoutRequest, CaptureCheckoutRequest, Checkout, CheckoutOutcome, GetCheckoutStatusRequest,
        checkout_service_client::CheckoutServiceClient, order_service_client::OrderServiceClient,
        test_payment_service_client::TestPaymentServiceClient,
    },
};
use testing::{Rig, actors::with};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};

use crate::peers::{Goods, Letters, People, Shelf, Stock};

pub struct Shop {
    pub rig: Rig,
    pub carts: Shelf,
    pub people: People,
    pub stock: Stock,
    pub goods: Goods,
    pub letters: Letters,
    pub checkouts: CheckoutServiceClient<Transport>,
    pub orders: OrderServiceClient<Transport>,
    pub payments: TestPaymentServiceClient<Transport>,
    pub db: Db,
    pub transport: Transport,
    reaper: Task,
    refunds: Task,
}

impl Shop {
    pub async fn open() -> anyhow::Result<Self> {
        Self::open_with("http://127.0.0.1:9").await
    }

    /// The same with Stripe at `stripe`.
    pub async fn open_with(stripe: &str) -> anyhow::Result<Self> {
        let mut rig = Rig::new(orders::NAME, &orders::MIGRATOR).await?;
        let mut settings = (*rig.env.settings).clone();
        stripe.clone_into(&mut settings.stripe_url);
        rig.env.settings = settings.into();
        let (carts, people, stock) = (Shelf::default(), People::default(), Stock::default());
        let (goods, letters) = (Goods::default(), Letters::default());
        let peers = vec![
            Service::new("carts").rpc(CartServiceServer::new(carts.clone())),
            Service::new("catalog")
                .rpc(ProductServiceServer::new(goods.clone()))
                .rpc(ProductFileServiceServer::new(stock.clone())),
            Service::new("notifications").rpc(MessageServiceServer::new(letters.clone())),
            Service::new("customers").rpc(CustomerServiceServer::new(people.clone())),
        ];
        let mut service = orders::service(&rig.env)?;
        let reaper = service.tasks.pop().expect("the reaper comes last");
        let refunds = service.tasks.pop().expect("that of refunds comes before it");
        let transport = rig.serve_with(service, Vec::new(), peers)?;
        let db = rig.env.db(orders::NAME)?;
        Ok(Self {
            checkouts: CheckoutServiceClient::new(transport.clone()),
            orders: OrderServiceClient::new(transport.clone()),
            payments: TestPaymentServiceClient::new(transport.clone()),
            transport,
            rig,
            carts,
            people,
            stock,
            goods,
            letters,
            db,
            reaper,
            refunds,
        })
    }

    /// An open cart of the actors' store: two mugs of 19.99 and a digital book of 5.00, 44.98 EUR together.
    pub fn cart(&self) -> Cart {
        let now = self.rig.clock.now();
        let line = |sku: &str, quantity: u32, price: i64, kind: &str| Line {
            product: ProductId::new(now).into(),
            sku: sku.to_owned(),
            name: sku.to_lowercase(),
            quantity,
            price,
            subtotal: price * i64::from(quantity),
            available: true,
            kind: kind.to_owned(),
            ..Line::default()
        };
        let cart = Cart {
            id: CartId::new(now).into(),
            realm: self.rig.actors.realm.into(),
            store: self.rig.actors.store.into(),
            status: "open".to_owned(),
            currency: "EUR".to_owned(),
            subtotal: 4498,
            total: 4498,
            lines: vec![line("MUG", 2, 1999, "physical"), line("BOOK", 1, 500, "digital")],
            version: 1,
            ..Cart::default()
        };
        self.carts.put(cart.clone());
        cart
    }

    /// Begins a checkout of `cart` as a guest.
    pub async fn begin(&self, cart: &str) -> Result<Checkout, Status> {
        self.begin_by(self.rig.actors.anonymous(wish(cart, "test"))).await
    }

    pub async fn begin_by(&self, request: Request<BeginCheckoutRequest>) -> Result<Checkout, Status> {
        Ok(self.checkouts.clone().begin_checkout(request).await?.into_inner())
    }

    /// A checkout of a fresh cart as a guest.
    pub async fn checkout(&self) -> Result<Checkout, Status> {
        self.begin(&self.cart().id).await
    }

    pub async fn capture(&self, token: &str, method: &str) -> Result<CheckoutOutcome, Status> {
        self.capture_by(self.rig.actors.anonymous(payment(token, method))).await
    }

    pub async fn capture_by(&self, mut request: Request<CaptureCheckoutRequest>) -> Result<CheckoutOutcome, Status> {
        request.set_timeout(Duration::from_secs(12));
        let request = with(request, header::CLIENT_IP, "203.0.113.9");
        let request = with(request, header::CLIENT_AGENT, "Browser/1");
        Ok(self.checkouts.clone().capture_checkout(request).await?.into_inner())
    }

    /// A capture that goes on beside the test.
    pub fn capturing(&self, token: &str, method: &str) -> JoinHandle<Result<CheckoutOutcome, Status>> {
        let mut request = self.rig.actors.anonymous(payment(token, method));
        request.set_timeout(Duration::from_secs(12));
        let mut checkouts = self.checkouts.clone();
        tokio::spawn(async move { Ok(checkouts.capture_checkout(request).await?.into_inner()) })
    }

    pub async fn status(&self, token: &str) -> Result<CheckoutOutcome, Status> {
        let request = self.rig.actors.anonymous(GetCheckoutStatusRequest { token: token.to_owned() });
        Ok(self.checkouts.clone().get_checkout_status(request).await?.into_inner())
    }

    /// Waits until the checkout stands at `status`.
    pub async fn until(&self, token: &str, status: &str) -> anyhow::Result<CheckoutOutcome> {
        for _ in 0..600 {
            let outcome = self.status(token).await?;
            if outcome.status == status {
                return Ok(outcome);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the checkout never came to {status}")
    }

    /// One more reaper, until the token is dropped.
    pub fn reap(&self) -> tokio_util::sync::DropGuard {
        let stop = CancellationToken::new();
        tokio::spawn((self.reaper)(stop.clone()));
        stop.drop_guard()
    }

    /// The same for refunds.
    pub fn reap_refunds(&self) -> tokio_util::sync::DropGuard {
        let stop = CancellationToken::new();
        tokio::spawn((self.refunds)(stop.clone()));
        stop.drop_guard()
    }

    /// A signed-in customer with an address.
    pub fn customer(&self, email: &str) -> CustomerId {
        let id = CustomerId::new(self.rig.clock.now());
        let address = Address {
            line1: "Main street 1".into(),
            city: "Berlin".into(),
            country: "DE".into(),
            ..Default::default()
        };
        self.people.know(Customer {
            id: id.into(),
            email: email.to_owned(),
            name: "Cleo Customer".to_owned(),
            phone: "+4930123456".to_owned(),
            registration: "registered".to_owned(),
            address: Some(address),
            ..Customer::default()
        });
        id
    }

    /// Names of the events so far, in order.
    pub async fn events(&self) -> anyhow::Result<Vec<String>> {
        let subjects: Vec<String> =
            sqlx::query_scalar("select subject from outbox order by id").fetch_all(self.db.pool()).await?;
        Ok(subjects.iter().map(|subject| subject.rsplit('.').next().unwrap_or_default().to_owned()).collect())
    }

    /// What a query counts.
    pub async fn count(&self, query: &'static str) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(query).fetch_one(self.db.pool()).await?)
    }
}

/// Charges that the gateway made.
pub const CHARGES: &str = "select count(*) from test_gateway_charges where state = 'charged'";
/// Orders there are.
pub const ORDERS: &str = "select count(*) from orders";
/// Payments there are.
pub const PAYMENTS: &str = "select count(*) from payments";

pub fn guest() -> Contact {
    let address = Address {
        name: "Gus Guest".into(),
        line1: "Guest street 2".into(),
        city: "Hamburg".into(),
        country: "DE".into(),
        ..Address::default()
    };
    Contact {
        email: "Gus@example.com".to_owned(),
        name: "Gus Guest".to_owned(),
        phone: "+49401234567".to_owned(),
        shipping: Some(address.clone()),
        billing: Some(address),
    }
}

pub fn wish(cart: &str, gateway: &str) -> BeginCheckoutRequest {
    BeginCheckoutRequest {
        cart: cart.to_owned(),
        contact: Some(guest()),
        gateway: gateway.to_owned(),
        customer: String::new(),
    }
}

pub fn payment(token: &str, method: &str) -> CaptureCheckoutRequest {
    CaptureCheckoutRequest { token: token.to_owned(), payment_method: method.to_owned(), return_url: String::new() }
}

/// How a failure is told.
pub fn told<T: std::fmt::Debug>(answer: Result<T, Status>) -> Told {
    Told::read(&answer.expect_err("this must fail"))
}

/// The stable reason of a failure.
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    told(answer).reason
}

/// The fields that a failure finds fault with.
pub fn faults<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    told(answer).violations.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}
