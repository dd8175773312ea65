//! The RPCs of checkouts.
use kit::{
    Call, Db,
    actor::{Actor, Kind},
    audit::{self, Entry, json},
    blocks::Blocks,
    clock::Clock,
    denied::Denied,
    stores::Stores,
    transport::Transport,
};
use proto::{
    carts::v1::cart_service_client::CartServiceClient,
    customers::v1::customer_service_client::CustomerServiceClient,
    orders::v1::{
        BeginCheckoutRequest, CaptureCheckoutRequest, Checkout as Shown, CheckoutOutcome, GetCheckoutStatusRequest,
        checkout_service_server::CheckoutService,
    },
};
use tonic::{Request, Response, Status};

use super::{
    Checkout, Token,
    begin::{Begin, begin},
    outcome::{self, Stand},
    store,
};
use crate::{
    error::Error,
    library::goods::Goods,
    payment::{Gateways, back},
};

/// Answers [`CheckoutService`].
#[derive(Clone)]
pub struct Checkouts {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Where carts are read.
    pub carts: CartServiceClient<Transport>,
    /// Where people are known.
    pub customers: CustomerServiceClient<Transport>,
    /// Where it is known what bundles hold.
    pub goods: Goods,
    /// Where money is taken.
    pub gateways: Gateways,
    /// Where stores are.
    pub stores: Stores,
    /// Who is kept out.
    pub blocks: Blocks,
}

#[tonic::async_trait]
impl CheckoutService for Checkouts {
    async fn begin_checkout(&self, request: Request<BeginCheckoutRequest>) -> Result<Response<Shown>, Status> {
        let call = Call::of(&request)?;
        let input = Begin::parse(request.into_inner(), call.actor()?)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let begun = self.prepare(&call, input).await?;
        let mut tx = self.db.begin_new(&call).await?;
        if call.actor()?.is_administrative() {
            let made = &begun.checkout;
            let entry = Entry::new("checkout.begun", ("cart", made.cart), made.created_at);
            audit::record(&mut tx, &call, entry.created(json!({ "gateway": made.gateway.slug() })))?;
        }
        let checkout = begin(&mut tx, begun).await?;
        Ok(tx.answer(checkout).await?)
    }

    async fn capture_checkout(
        &self,
        request: Request<CaptureCheckoutRequest>,
    ) -> Result<Response<CheckoutOutcome>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let checkout = self.find(call.actor()?, &request.token).await?;
        if !checkout.gateway.takes(&request.payment_method) {
            return Err(Error::PaymentMethodUnknown(checkout.gateway.slug()).into());
        }
        back::check(&request.return_url)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        Ok(self.capture(&call, checkout, request).await?)
    }

    async fn get_checkout_status(
        &self,
        request: Request<GetCheckoutStatusRequest>,
    ) -> Result<Response<CheckoutOutcome>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let checkout = self.find(actor, &request.into_inner().token).await?;
        let progress = self.progress(&checkout).await?;
        if progress.stand() == Stand::Redirect {
            self.glance(&progress).await;
        }
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let outcome = outcome::tell(&mut db, &checkout, actor.customer(), &self.gateways).await?;
        db.finish();
        Ok(Response::new(outcome))
    }
}

impl Checkouts {
    /// The checkout of a token that `actor`'s shop front may use.
    async fn find(&self, actor: &Actor, token: &str) -> Result<Checkout, Error> {
        if !matches!(actor.kind, Kind::Anonymous | Kind::Customer) {
            return Err(Denied::WrongCaller.into());
        }
        let found = store::find(self.db.pool(), actor.realm()?, actor.store, Token::of(token)).await?;
        found.ok_or(Error::CheckoutNotFound)
    }
}
