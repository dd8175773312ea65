//! Networks: stores that share one customer base (§0).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::identity::v1::{self as pb, CreateNetworkRequest, ListNetworksRequest, UpdateNetworkRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::me::Store;
use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, text},
};

/// The routes about networks.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_networks, create_network)).routes(routes!(update_network))
}

/// A network.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "net_01939b7e5d3c7a2c9d2f1e0b7c6a5d47", "name": "Old Town", "realm": "rlm_01939b7e5d3c7a2c9d2f1e0b7c6a5d47",
    "key": "network_2u8mXGq0yV1sBd3nQf5hJk7l", "stores": [], "reviews_enabled": true, "currency": "EUR", "version": 1,
}))]
pub struct Network {
    /// `net_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Its customer base, `rlm_…`.
    pub realm: String,
    /// Publishable key.
    pub key: Option<String>,
    /// Member stores.
    pub stores: Vec<Store>,
    /// Whether network reviews are allowed.
    pub reviews_enabled: bool,
    /// ISO 4217 code of totals across its stores.
    pub currency: String,
    /// Grows with every change.
    pub version: i64,
}

impl Versioned for Network {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::PlacedNetwork> for Network {
    fn from(placed: pb::PlacedNetwork) -> Self {
        let network = placed.network.unwrap_or_default();
        Self {
            id: network.id,
            name: network.name,
            realm: network.realm,
            key: text(network.key),
            stores: network.stores.into_iter().map(Into::into).collect(),
            reviews_enabled: network.reviews_enabled,
            currency: network.currency,
            version: placed.version,
        }
    }
}

/// A network to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Old Town", "stores": ["sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40"], "currency": "EUR", "reviews_enabled": true,
}))]
pub struct NewNetwork {
    /// Display name, 1 to 120 characters.
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Its members: stores that you own, without customers.
    #[schema(format = "stores", min_items = 1)]
    pub stores: Vec<String>,
    /// ISO 4217 code of totals across stores.
    #[schema(format = "currency", pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// Whether network reviews are allowed.
    #[serde(default)]
    pub reviews_enabled: bool,
}

/// Changes to a network; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reviews_enabled": false}))]
pub struct NetworkChanges {
    /// Display name.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// Whether network reviews are allowed.
    #[serde(default)]
    pub reviews_enabled: Option<bool>,
}

/// Networks
///
/// Those that you work for, oldest first.
#[utoipa::path(
    get, path = "/admin/v1/networks", tag = "Organisation", responses((status = 200, body = List<Network>)),
    extensions(("x-permission" = json!([])))
)]
async fn list_networks(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Network>>, Problem> {
    let found = peers.places().list_networks(caller.ask(ListNetworksRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.networks)))
}

/// Make a network
///
/// Of stores that you own and that have no customers yet. They share one customer base from then on, and you own it.
#[utoipa::path(
    post, path = "/admin/v1/networks", tag = "Organisation", request_body = NewNetwork,
    responses(
        (status = 201, body = Network),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys own no networks."),
        (status = 404, description = "`store_not_found`: a store is unknown, or you do not own it."),
        (status = 422, description = "`store_in_network`: a store is in a network already. | `store_has_customers`: a store already has customers.")
    ),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn create_network(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(network): Body<NewNetwork>,
) -> Result<Answer<Network>, Problem> {
    let NewNetwork { name, stores, currency, reviews_enabled } = network;
    let request = CreateNetworkRequest { name, stores, reviews_enabled, currency };
    let network = peers.places().found_network(caller.ask(request)).await?;
    Ok(Answer::<Network>::of(network).tagged().status(StatusCode::CREATED))
}

/// Change a network
#[utoipa::path(
    patch, path = "/admin/v1/networks/{id}", tag = "Organisation",
    params(("id" = String, Path, description = "`net_…`", example = "net_01939b7e5d3c7a2c9d2f1e0b7c6a5d47")),
    request_body = NetworkChanges,
    responses(
        (status = 200, body = Network),
        (status = 404, description = "`network_not_found`: there is no such network, or you do not work for it."),
        (status = 412, description = "`stale_version`: the network was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn update_network(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(NetworkChanges { name, reviews_enabled }): Body<NetworkChanges>,
) -> Result<Answer<Network>, Problem> {
    let request = UpdateNetworkRequest { id, name, reviews_enabled };
    Ok(Answer::<Network>::of(peers.places().update_network(caller.ask(request)).await?).tagged())
}
