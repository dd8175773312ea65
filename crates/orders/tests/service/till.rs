//! A shop that takes payments by Stripe, and a Stripe that the test decides about.
use chrono::TimeDelta;
use kit::{actor::Kind, ids::StaffId, permission::Permission};
use proto::orders::v1::{
    BeginCheckoutRequest, CaptureCheckoutRequest, Checkout, CheckoutOutcome, Gateway, ListGatewaysRequest, Order,
    ReceiveStripeEventRequest, SetGatewayRequest, gateway_event_service_client::GatewayEventServiceClient,
    gateway_service_client::GatewayServiceClient,
};
use serde_json::Value;
use testing::{FakeStripe, stripe::WEBHOOK_SECRET};
use tonic::{Request, Status};

use crate::shop::{Shop, payment, wish};

pub struct Till {
    pub shop: Shop,
    pub stripe: FakeStripe,
}

/// How `stripe` is set up.
pub fn keys() -> SetGatewayRequest {
    SetGatewayRequest {
        gateway: "stripe".to_owned(),
        enabled: true,
        secret_key: Some("sk_test_abcd1234".to_owned()),
        webhook_secret: Some(WEBHOOK_SECRET.to_owned()),
        publishable_key: Some("pk_test_shown".to_owned()),
        force: false,
    }
}

impl Shop {
    pub fn gateway_settings(&self) -> GatewayServiceClient<kit::transport::Transport> {
        GatewayServiceClient::new(self.transport.clone())
    }

    /// A request by somebody who may change settings and has just proved who they are.
    pub fn proved<T>(&self, message: T) -> Request<T> {
        let mut claims = self.rig.actors.claims(Kind::Staff, StaffId::new(self.rig.clock.now()));
        claims.perms = [Permission::SettingsWrite].into_iter().collect();
        claims.auth_time = Some(self.rig.clock.now().timestamp());
        self.rig.actors.request(&claims, message)
    }

    pub async fn set_gateway(&self, wanted: SetGatewayRequest) -> Result<Gateway, Status> {
        let request = self.proved(wanted);
        Ok(self.gateway_settings().set_gateway(request).await?.into_inner())
    }

    pub async fn listed_gateways(&self) -> Result<Vec<Gateway>, Status> {
        let request = self.rig.actors.staff(&[Permission::SettingsWrite], ListGatewaysRequest {});
        Ok(self.gateway_settings().list_gateways(request).await?.into_inner().gateways)
    }

    /// Has Stripe tell `body`, signed like that.
    pub async fn told_by_stripe(&self, signature: &str, body: bytes::Bytes) -> Result<(), Status> {
        let store = self.rig.actors.store.into();
        let request = ReceiveStripeEventRequest { store, signature: signature.to_owned(), body };
        let request = self.rig.actors.system("gateway", request);
        GatewayEventServiceClient::new(self.transport.clone()).receive_stripe_event(request).await?;
        Ok(())
    }
}

impl Till {
    pub async fn open() -> anyhow::Result<Self> {
        let stripe = FakeStripe::start().await?;
        let shop = Shop::open_with(&stripe.url).await?;
        shop.set_gateway(keys()).await?;
        Ok(Self { shop, stripe })
    }

    /// A checkout of a fresh cart that is paid by Stripe.
    pub async fn begin(&self) -> Result<Checkout, Status> {
        let request: Request<BeginCheckoutRequest> =
            self.shop.rig.actors.anonymous(wish(&self.shop.cart().id, "stripe"));
        self.shop.begin_by(request).await
    }

    /// Pays by `method`, to come back to `back`.
    pub async fn pay(&self, token: &str, method: &str, back: &str) -> Result<CheckoutOutcome, Status> {
        let wanted = CaptureCheckoutRequest { return_url: back.to_owned(), ..payment(token, method) };
        self.shop.capture_by(self.shop.rig.actors.anonymous(wanted)).await
    }

    /// An order that is paid.
    pub async fn sold(&self) -> anyhow::Result<Order> {
        let token = self.begin().await?.token;
        let outcome = self.pay(&token, "pm_card_visa", "").await?;
        Ok(outcome.order.expect("an order"))
    }

    /// Has Stripe tell the event `id` about `object`.
    pub async fn tell(&self, id: &str, kind: &str, object: &Value) -> Result<(), Status> {
        let (signature, body) = FakeStripe::event(id, kind, object, self.shop.rig.clock.now().timestamp());
        self.shop.told_by_stripe(&signature, body).await
    }

    /// Lets the lease of a payment end and has the reaper look.
    pub async fn reap(&self) -> anyhow::Result<()> {
        self.shop.rig.clock.advance(TimeDelta::seconds(13));
        self.shop.finisher().round().await?;
        Ok(())
    }
}
