//! What payment gateways tell by themselves (OR-3). The signature over the body is the only credential; the service that
//! knows the store's secret verifies it.
use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{Path, Request, State},
};
use http::{HeaderMap, StatusCode};
use proto::orders::v1::ReceiveStripeEventRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{caller::Arrival, peers::Peers, problem::Problem, router::Gateway};

/// How large an event may be, in bytes: Stripe's are a few thousand.
const ROOM: usize = 256 * 1024;

/// The routes that gateways call.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(receive_stripe_event))
}

/// An event of Stripe's
///
/// For Stripe alone, at the address that `GET /admin/v1/gateways` tells: the field `Stripe-Signature` has to be that of the
/// body by the store's webhook secret, and not older than five minutes. An event that comes again, or in another order,
/// changes nothing; one that is of no matter here is taken as well. Events are known by their own ids, not by an
/// `Idempotency-Key`.
#[utoipa::path(
    post, path = "/hooks/stripe/{store}", tag = "Payment gateways",
    params(
        ("store" = String, Path, description = "`sto_…`", example = "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40"),
        ("Stripe-Signature" = Option<String>, Header, description = "`t=…,v1=…`", example = "t=1772453700,v1=5257a869")
    ),
    request_body(content = Object, example = json!({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {}}})),
    responses(
        (status = 200, description = "It was taken in, or is of no matter."),
        (status = 400, description = "`signature_wrong`: the signature is wrong, or too old. | `event_malformed`: this is no event."),
        (status = 404, description = "`store_not_found`: the store has not set up Stripe."),
        (status = 413, description = "`too_large`: the body is larger than 256 KiB.")
    )
)]
async fn receive_stripe_event(
    State(peers): State<Arc<Peers>>,
    Path(store): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let signature = signature(request.headers());
    let arrival = request.extensions().get::<Arrival>().cloned();
    let arrival = arrival.ok_or_else(|| Problem::defect("a request came around the front door"))?;
    let body = to_bytes(request.into_body(), ROOM)
        .await
        .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is larger than 256 KiB."))?;
    let mut event = tonic::Request::new(ReceiveStripeEventRequest { store, signature, body });
    arrival.describe(event.metadata_mut());
    peers.gateway_events().receive_stripe_event(event).await?;
    Ok(StatusCode::OK)
}

/// What signs it; empty without.
fn signature(headers: &HeaderMap) -> String {
    headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
