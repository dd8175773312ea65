//! Payment gateways of the store (OR-3).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::orders::v1::{self as pb, ListGatewaysRequest, SetGatewayRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about gateways.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_gateways)).routes(routes!(set_gateway))
}

/// A payment gateway. What it is asked with is never told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "gateway": "stripe", "enabled": true, "abilities": ["refund", "redirect", "resume"],
    "publishable_key": "pk_live_51Nv", "key_ending": "x7Qd", "webhooks": true,
    "webhook_url": "https://shop.example.com/hooks/stripe/sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "version": 2,
    "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct PaymentGateway {
    /// `manual`, `stripe` or `test`.
    pub gateway: String,
    /// Whether shoppers may pay by it.
    pub enabled: bool,
    /// What it can do: `refund`, `redirect`, `resume`.
    pub abilities: Vec<String>,
    /// What Stripe.js is begun with; shop fronts see it.
    pub publishable_key: Option<String>,
    /// The last four letters of the secret key.
    pub key_ending: Option<String>,
    /// Whether a secret is set that its webhooks are verified with.
    pub webhooks: bool,
    /// Where it has to send its webhooks.
    pub webhook_url: Option<String>,
    /// Grows with every change; 0 before the first.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for PaymentGateway {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Gateway> for PaymentGateway {
    fn from(gateway: pb::Gateway) -> Self {
        Self {
            gateway: gateway.gateway,
            enabled: gateway.enabled,
            abilities: gateway.abilities,
            publishable_key: text(gateway.publishable_key),
            key_ending: text(gateway.key_ending),
            webhooks: gateway.webhooks,
            webhook_url: text(gateway.webhook_url),
            version: gateway.version,
            updated_at: time(gateway.updated_at),
        }
    }
}

/// How a gateway is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": true}))]
pub struct WantedGateway {
    /// Whether shoppers may pay by it. `stripe` needs a secret key and a webhook secret for that.
    pub enabled: bool,
    /// What Stripe is asked with, `sk_…` or `rk_…`; left out, it stays.
    #[serde(default)]
    #[schema(pattern = "^(sk|rk)_[A-Za-z0-9_]{5,250}$")]
    pub secret_key: Option<String>,
    /// What Stripe signs webhooks with, `whsec_…`; left out, it stays.
    #[serde(default)]
    #[schema(pattern = "^whsec_[A-Za-z0-9_]{5,245}$")]
    pub webhook_secret: Option<String>,
    /// What Stripe.js is begun with, `pk_…`; left out, it stays.
    #[serde(default)]
    #[schema(pattern = "^pk_[A-Za-z0-9_]{5,250}$")]
    pub publishable_key: Option<String>,
    /// Take a key of another account though something is underway in the present one, when Stripe does not let the present key
    /// in any more: nobody will learn what became of it.
    #[serde(default)]
    pub force: bool,
}

/// Payment gateways
///
/// All of them, as the store has set them up.
#[utoipa::path(
    get, path = "/admin/v1/gateways", tag = "Payment gateways", responses((status = 200, body = List<PaymentGateway>)),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn list_gateways(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<PaymentGateway>>, Problem> {
    let found = peers.gateways().list_gateways(caller.ask(ListGatewaysRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.gateways)))
}

/// Set up a payment gateway
///
/// Switches one on or off; `stripe` needs keys, which are sealed and never told again. Only `stripe` has any.
#[utoipa::path(
    put, path = "/admin/v1/gateways/{gateway}", tag = "Payment gateways", request_body = WantedGateway,
    params(("gateway" = String, Path, description = "`manual`, `stripe` or `test`", pattern = "^(manual|stripe|test)$", example = "test")),
    responses(
        (status = 200, body = PaymentGateway),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: not by a key."),
        (status = 404, description = "`gateway_not_found`: there is no such gateway."),
        (status = 409, description = "`gateway_in_use`: payments, subscriptions or deletions are underway, and the key is of another account."),
        (status = 412, description = "`stale_version`: it was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn set_gateway(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(gateway): Path<String>,
    Body(wanted): Body<WantedGateway>,
) -> Result<Answer<PaymentGateway>, Problem> {
    let WantedGateway { enabled, secret_key, webhook_secret, publishable_key, force } = wanted;
    let wanted = SetGatewayRequest { gateway, enabled, secret_key, webhook_secret, publishable_key, force };
    Ok(Answer::<PaymentGateway>::of(peers.gateways().set_gateway(caller.ask(wanted)).await?).tagged())
}
