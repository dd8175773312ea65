//! How shoppers may pay (OR-3).
use std::sync::Arc;

use axum::{Json, extract::State};
use proto::orders::v1::{ListOpenGatewaysRequest, OpenGateway};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{caller::Caller, peers::Peers, problem::Problem, request::params::Params, router::Gateway, shape::text};

/// The routes about gateways.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_gateways))
}

/// A gateway that shoppers may pay by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "gateway": "stripe", "abilities": ["refund", "redirect", "resume"], "publishable_key": "pk_live_51Nv",
}))]
pub struct WayToPay {
    /// `manual`, `stripe` or `test`: what a checkout is begun with.
    pub gateway: String,
    /// What it can do: `refund`, `redirect`, `resume`.
    pub abilities: Vec<String>,
    /// What Stripe.js is begun with; of `stripe` only.
    pub publishable_key: Option<String>,
}

impl From<OpenGateway> for WayToPay {
    fn from(open: OpenGateway) -> Self {
        Self { gateway: open.gateway, abilities: open.abilities, publishable_key: text(open.publishable_key) }
    }
}

/// How shoppers may pay
///
/// The gateways of the store; with a network's key, of the one of its stores that `store` names.
#[utoipa::path(
    get, path = "/storefront/v1/checkouts/gateways", tag = "Checkouts",
    params(("store" = Option<String>, Query, description = "`sto_…`; needed with a network's key", pattern = "^(sto_[0-9a-f]{32})?$", example = "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40")),
    responses((status = 200, body = Vec<WayToPay>), (status = 404, description = "`store_not_found`: there is no such store here."))
)]
async fn list_gateways(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Json<Vec<WayToPay>>, Problem> {
    let wanted = ListOpenGatewaysRequest { store: params.text("store") };
    let open = peers.gateways().list_open_gateways(caller.ask(wanted)).await?.into_inner().gateways;
    Ok(Json(open.into_iter().map(Into::into).collect()))
}
