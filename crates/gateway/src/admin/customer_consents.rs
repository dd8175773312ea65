//! Marketing consent of a customer (CU-16).
use std::{collections::HashMap, sync::Arc};

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::customers::v1::{GetConsentsRequest, SetConsentsRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{Consents, channels},
};

/// The routes about consents.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_consents, record_consents))
}

/// What somebody decided, as staff record it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"consents": {"email": true, "sms": false}, "source": "trade_fair"}))]
pub struct Decisions {
    /// By channel: `email`, `sms`, `push`, `phone`, `post`.
    #[schema(schema_with = channels)]
    pub consents: HashMap<String, bool>,
    /// Where they decided it; `console` or `api` without it.
    #[serde(default)]
    #[schema(max_length = 40, pattern = "^[a-z0-9_]*$")]
    pub source: Option<String>,
}

/// What a customer agreed to
///
/// For each channel of marketing, with the history.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/consents", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = Consents), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_consents(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
) -> Result<Answer<Consents>, Problem> {
    let consents = peers.consents().get_consents(caller.ask(GetConsentsRequest { customer })).await?;
    Ok(Answer::<Consents>::of(consents).tagged())
}

/// Record what a customer agreed to
///
/// With the time, where it was, and who recorded it. Channels that are left out stay as they are.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/consents", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = Decisions,
    responses(
        (status = 200, body = Consents),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn record_consents(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
    Body(Decisions { consents, source }): Body<Decisions>,
) -> Result<Answer<Consents>, Problem> {
    let wanted = SetConsentsRequest { customer, consents, source: source.unwrap_or_default() };
    Ok(Answer::<Consents>::of(peers.consents().set_consents(caller.ask(wanted)).await?).tagged())
}
