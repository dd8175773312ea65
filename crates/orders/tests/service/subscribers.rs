//! Customers who subscribe, and those who renew what they subscribed to.
use chrono::{DateTime, Utc};
use kit::{
    clock::datetime,
    ids::{CustomerId, PlanId, RenewalTargetId},
    permission::Permission,
    transport::Transport,
};
use orders::{
    library::goods::Goods,
    payment::{Gateways, Stripe, reap::Reaper, stripe::client::Client},
    subscription::Renewals,
};
use proto::{
    base::v1::Money,
    carts::v1::Cart,
    catalog::v1::{Plan, Product, RenewalTarget},
    customers::v1::customer_service_client::CustomerServiceClient,
    orders::v1::{
        CancelSubscriptionRequest, GetSubscriptionRequest, ListSubscriptionsRequest, PauseSubscriptionRequest,
        ResumeSubscriptionRequest, Subscription, subscription_service_client::SubscriptionServiceClient,
    },
};
use tonic::Status;

use crate::shop::{Shop, payment, wish};

/// What staff need.
pub const STAFF: [Permission; 3] = [Permission::OrdersRead, Permission::SubscriptionsWrite, Permission::CustomersPii];
/// Renewals that are placed.
pub const RENEWED: &str = "select count(*) from orders where subscription_id is not null and placed_at is not null";
/// Subscriptions with which something is to be done, or that are being charged.
pub const BUSY: &str = "select count(*) from subscriptions where charging_id is not null";

/// A month for 12.00 EUR, after a trial of so many days.
pub fn monthly(shop: &Shop, trial_days: u32) -> Plan {
    Plan {
        id: PlanId::new(shop.rig.clock.now()).into(),
        name: "Monthly".to_owned(),
        interval: "month".to_owned(),
        count: 1,
        price: Some(Money { amount: 1200, currency: "EUR".to_owned() }),
        trial_days,
        active: true,
    }
}

impl Shop {
    /// A cart with a box by `plan`, as carts shows it, and a mug beside it.
    pub fn planned(&self, plan: &Plan) -> Cart {
        let mut cart = self.cart();
        let line = &mut cart.lines[1];
        line.price = if plan.trial_days > 0 { 0 } else { 1200 };
        (line.subtotal, line.plan) = (line.price, Some(plan.clone()));
        cart.subtotal = cart.lines.iter().map(|line| line.subtotal).sum();
        cart.total = cart.subtotal;
        self.goods.put(Product {
            id: cart.lines[1].product.clone(),
            store: cart.store.clone(),
            currency: "EUR".to_owned(),
            active: true,
            plans: vec![plan.clone()],
            renewal_targets: vec![RenewalTarget {
                id: RenewalTargetId::new(self.rig.clock.now()).into(),
                name: "Server 1".to_owned(),
            }],
            ..Product::default()
        });
        self.carts.put(cart.clone());
        cart
    }

    /// A subscription that `customer` began with an order paid by `method`.
    pub async fn subscribe(&self, customer: CustomerId, method: &str, plan: &Plan) -> anyhow::Result<Subscription> {
        self.subscribe_by(customer, ("test", method), plan).await
    }

    /// The same by a method of some gateway.
    pub async fn subscribe_by(
        &self,
        customer: CustomerId,
        (gateway, method): (&str, &str),
        plan: &Plan,
    ) -> anyhow::Result<Subscription> {
        self.subscribe_with(customer, (gateway, method), &self.planned(plan)).await
    }

    /// The same with a cart that [`Self::planned`] made.
    pub async fn subscribe_with(
        &self,
        customer: CustomerId,
        (gateway, method): (&str, &str),
        cart: &Cart,
    ) -> anyhow::Result<Subscription> {
        let token = self.begin_by(self.rig.actors.customer(customer, wish(&cart.id, gateway))).await?.token;
        let capture = self.rig.actors.customer(customer, payment(&token, method));
        let order = self.capture_by(capture).await?.order.expect("an order");
        let all = self.own(customer).await?;
        Ok(all.into_iter().find(|one| one.order == order.id).expect("a subscription"))
    }

    /// Has everything be paid by `method`, which only a test can choose.
    pub async fn pay_by(&self, method: &str) -> anyhow::Result<()> {
        sqlx::query("update subscriptions set method = $1").bind(method).execute(self.db.pool()).await?;
        Ok(())
    }

    pub fn subscriptions(&self) -> SubscriptionServiceClient<Transport> {
        SubscriptionServiceClient::new(self.transport.clone())
    }

    /// All of a customer.
    pub async fn own(&self, customer: CustomerId) -> Result<Vec<Subscription>, Status> {
        let request = self.rig.actors.customer(customer, ListSubscriptionsRequest::default());
        Ok(self.subscriptions().list_subscriptions(request).await?.into_inner().subscriptions)
    }

    /// The same one as staff see it now.
    pub async fn now(&self, one: &Subscription) -> Result<Subscription, Status> {
        let request = self.rig.actors.staff(&STAFF, GetSubscriptionRequest { id: one.id.clone() });
        Ok(self.subscriptions().get_subscription(request).await?.into_inner())
    }

    pub async fn leave(&self, customer: CustomerId, one: &Subscription, when: &str) -> Result<Subscription, Status> {
        let (id, when, reason) = (one.id.clone(), when.to_owned(), "Too dear.".to_owned());
        let request = self.rig.actors.customer(customer, CancelSubscriptionRequest { id, when, reason });
        Ok(self.subscriptions().cancel_subscription(request).await?.into_inner())
    }

    pub async fn rest(&self, customer: CustomerId, one: &Subscription) -> Result<Subscription, Status> {
        let request = PauseSubscriptionRequest { id: one.id.clone(), reason: String::new() };
        let request = self.rig.actors.customer(customer, request);
        Ok(self.subscriptions().pause_subscription(request).await?.into_inner())
    }

    pub async fn go_on(&self, customer: CustomerId, one: &Subscription) -> Result<Subscription, Status> {
        let request = self.rig.actors.customer(customer, ResumeSubscriptionRequest { id: one.id.clone() });
        Ok(self.subscriptions().resume_subscription(request).await?.into_inner())
    }

    pub fn stripe(&self) -> Stripe {
        let client = Client::new(&self.rig.env.settings.stripe_url, None).expect("an address");
        Stripe::new(self.db.pool(), (&self.rig.clock, &self.rig.env.secrets), client)
    }

    fn gateways(&self) -> Gateways {
        Gateways::new(self.db.pool(), &self.rig.env.secrets, (self.stripe(), "https://pay.example.com"))
    }

    /// Somebody who renews, as each process has one.
    pub fn renewer(&self) -> Renewals {
        let peer = |name| self.rig.env.peer(orders::NAME, name).expect("a peer");
        Renewals {
            db: self.db.clone(),
            clock: self.rig.clock.clone(),
            gateways: self.gateways(),
            customers: CustomerServiceClient::new(peer("customers")),
            goods: Goods::new(peer("catalog")),
        }
    }

    /// Somebody who finishes payments that were left hanging.
    pub fn finisher(&self) -> Reaper {
        Reaper { db: self.db.clone(), clock: self.rig.clock.clone(), gateways: self.gateways() }
    }

    /// Moves the clock to `at` and does all that is due by then.
    pub async fn pass(&self, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.rig.clock.advance(at - self.rig.clock.now());
        let renewer = self.renewer();
        while renewer.round().await? > 0 {}
        Ok(())
    }
}

/// When it renews next.
pub fn renewal(one: &Subscription) -> DateTime<Utc> {
    one.period_end.as_ref().and_then(datetime).expect("a time")
}
