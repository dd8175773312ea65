//! The store or network behind a key.
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::identity::v1::{self as pb, GetNetworkRequest, GetStoreRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, router::Gateway, shape::text};

/// The routes about a shop itself.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(about)).routes(routes!(look_up))
}

/// A store, or a network of stores.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Corner Shop", "currency": "EUR", "country": "DE",
    "timezone": "Europe/Berlin", "website": "https://shop.example.com", "network": null, "is_store": true,
    "is_network": false, "options": {}, "stores": [],
}))]
pub struct Shop {
    /// `sto_…` or `net_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// ISO 3166-1 alpha-2 code; stores only.
    pub country: Option<String>,
    /// IANA time zone; stores only.
    pub timezone: Option<String>,
    /// Address of the shop front.
    pub website: Option<String>,
    /// Network the store is a member of, `net_…`.
    pub network: Option<String>,
    /// Whether it is a store.
    pub is_store: bool,
    /// Whether it is a network.
    pub is_network: bool,
    /// Settings that shop fronts go by.
    pub options: Options,
    /// Members of a network.
    #[schema(no_recursion)]
    pub stores: Vec<Shop>,
}

/// Settings that shop fronts go by.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Options {
    /// Whether reviews are allowed; networks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviews_enabled: Option<bool>,
}

impl From<pb::Store> for Shop {
    fn from(store: pb::Store) -> Self {
        Self {
            id: store.id,
            name: store.name,
            currency: store.currency,
            country: text(store.country),
            timezone: text(store.timezone),
            website: text(store.url),
            network: text(store.network),
            is_store: true,
            is_network: false,
            options: Options::default(),
            stores: Vec::new(),
        }
    }
}

impl From<pb::Network> for Shop {
    fn from(network: pb::Network) -> Self {
        Self {
            id: network.id,
            name: network.name,
            currency: network.currency,
            country: None,
            timezone: None,
            website: None,
            network: None,
            is_store: false,
            is_network: true,
            options: Options { reviews_enabled: Some(network.reviews_enabled) },
            stores: network.stores.into_iter().map(Into::into).collect(),
        }
    }
}

async fn find(peers: &Peers, caller: &Caller, id: String) -> Result<Answer<Shop>, Problem> {
    if id.starts_with("net_") {
        return Ok(Answer::of(peers.networks().get_network(caller.ask(GetNetworkRequest { id })).await?));
    }
    Ok(Answer::of(peers.stores().get_store(caller.ask(GetStoreRequest { id })).await?))
}

/// The shop behind the key
///
/// The store, or with a network's key the network with its stores.
#[utoipa::path(get, path = "/storefront/v1/about", tag = "Shop", responses((status = 200, body = Shop)))]
async fn about(State(peers): State<Arc<Peers>>, caller: Caller) -> Result<Answer<Shop>, Problem> {
    let (admitted, actor) = (caller.admitted()?, caller.actor()?);
    let network = actor.network.clone().filter(|_| admitted.credentials.is_network());
    let id = network.or_else(|| actor.store.map(String::from));
    find(&peers, &caller, id.ok_or_else(|| Problem::defect("a key of neither a store nor a network"))?).await
}

/// A store or network by its id
///
/// Only the one behind the key, or a member of its network.
#[utoipa::path(
    get, path = "/storefront/v1/lookup/{id}", tag = "Shop",
    params(("id" = String, Path, description = "`sto_…` or `net_…`", pattern = "^(sto|net)_[0-9a-f]{32}$", example = "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40")),
    responses((status = 200, body = Shop), (status = 404, description = "`store_not_found`: there is no such store here. | `network_not_found`: there is no such network here."))
)]
async fn look_up(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Shop>, Problem> {
    find(&peers, &caller, id).await
}
