//! The RPC that events of gateways come by. Their signature is the credential.
use kit::{Call, Db, clock::Clock, ids::StoreId, secret::Secrets};
use proto::orders::v1::{
    ReceiveStripeEventRequest, ReceiveStripeEventResponse, gateway_event_service_server::GatewayEventService,
};
use tonic::{Request, Response, Status};

use super::{event::Event, signature::is_signed};
use crate::{error::Error, gateway_setting::store, payment::Gateways};

/// Answers [`GatewayEventService`].
#[derive(Clone)]
pub struct GatewayEvents {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Keys.
    pub secrets: Secrets,
    /// The gateways.
    pub gateways: Gateways,
}

#[tonic::async_trait]
impl GatewayEventService for GatewayEvents {
    async fn receive_stripe_event(
        &self,
        request: Request<ReceiveStripeEventRequest>,
    ) -> Result<Response<ReceiveStripeEventResponse>, Status> {
        Call::of(&request)?;
        let request = request.into_inner();
        let place: StoreId = request.store.parse().map_err(|_| Error::StoreNotFound)?;
        let secret = store::webhook_secret(self.db.pool(), &self.secrets, place).await.map_err(Error::from)?;
        let secret = secret.ok_or(Error::StoreNotFound)?;
        if !is_signed(&request.signature, &request.body, &secret, self.clock.now()) {
            return Err(Error::SignatureWrong.into());
        }
        let event = Event::parse(&request.body).ok_or(Error::EventMalformed)?;
        self.take_in(place, &event).await?;
        Ok(Response::new(ReceiveStripeEventResponse {}))
    }
}
