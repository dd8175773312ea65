//! Stores: making and changing them (§0).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::identity::v1::{self as pb, CreateStoreRequest, GetPlacedStoreRequest, UpdateStoreRequest};
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
};

/// The routes about stores.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(create_store)).routes(routes!(get_store, update_store))
}

/// A store with the number of its changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Corner Shop",
    "realm": "rlm_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "network": null, "currency": "EUR",
    "timezone": "Europe/Berlin", "country": "DE", "key": "store_2u8mXGq0yV1sBd3nQf5hJk7l",
    "mail_from": "shop@example.com", "url": "https://shop.example.com", "version": 1,
}))]
pub struct VersionedStore {
    /// The store.
    #[serde(flatten)]
    pub store: Store,
    /// Grows with every change.
    pub version: i64,
}

impl Versioned for VersionedStore {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::PlacedStore> for VersionedStore {
    fn from(placed: pb::PlacedStore) -> Self {
        Self { store: placed.store.unwrap_or_default().into(), version: placed.version }
    }
}

/// A store to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Second Shop", "currency": "EUR", "timezone": "Europe/Berlin", "country": "DE",
    "mail_from": "second@example.com", "url": "https://second.example.com",
}))]
pub struct NewStore {
    /// Display name, 1 to 120 characters.
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// ISO 4217 code of its prices.
    #[schema(format = "currency", pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// IANA time zone.
    #[schema(format = "timezone")]
    pub timezone: String,
    /// ISO 3166-1 alpha-2 code.
    #[schema(format = "country", min_length = 2, max_length = 2)]
    pub country: String,
    /// Address that its mails come from.
    #[schema(format = "email", max_length = 254)]
    pub mail_from: String,
    /// Address of its shop front.
    #[serde(default)]
    #[schema(format = "shop-url", max_length = 2_000)]
    pub url: Option<String>,
}

/// Changes to a store; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "The Corner Shop"}))]
pub struct StoreChanges {
    /// Display name.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// IANA time zone.
    #[serde(default)]
    #[schema(format = "timezone")]
    pub timezone: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    #[serde(default)]
    #[schema(format = "country", min_length = 2, max_length = 2)]
    pub country: Option<String>,
    /// Address that its mails come from.
    #[serde(default)]
    #[schema(format = "email", max_length = 254)]
    pub mail_from: Option<String>,
    /// Address of its shop front; may be empty.
    #[serde(default)]
    #[schema(format = "shop-url", max_length = 2_000)]
    pub url: Option<String>,
}

/// Make a store
///
/// A customer base of its own; you are its owner.
#[utoipa::path(
    post, path = "/admin/v1/stores", tag = "Organisation", request_body = NewStore,
    responses((status = 201, body = Store), (status = 403, description = "`wrong_caller`: keys own no stores.")),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn create_store(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(store): Body<NewStore>,
) -> Result<Answer<Store>, Problem> {
    let NewStore { name, currency, timezone, country, mail_from, url } = store;
    let url = url.unwrap_or_default();
    let request = CreateStoreRequest { name, currency, timezone, country, mail_from, url };
    let store = Answer::<Store>::of(peers.stores().create_store(caller.ask(request)).await?);
    let location = format!("/admin/v1/stores/{}", store.body.id);
    Ok(store.created(location))
}

/// A store
#[utoipa::path(
    get, path = "/admin/v1/stores/{id}", tag = "Organisation",
    params(("id" = String, Path, description = "`sto_…`", example = "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40")),
    responses((status = 200, body = VersionedStore), (status = 404, description = "`store_not_found`: there is no such store, or it is not the one you work in.")),
    extensions(("x-permission" = json!([])))
)]
async fn get_store(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<VersionedStore>, Problem> {
    let store = peers.places().get_placed_store(caller.ask(GetPlacedStoreRequest { id })).await?;
    Ok(Answer::<VersionedStore>::of(store).tagged())
}

/// Change a store
#[utoipa::path(
    patch, path = "/admin/v1/stores/{id}", tag = "Organisation",
    params(("id" = String, Path, description = "`sto_…`", example = "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40")),
    request_body = StoreChanges,
    responses(
        (status = 200, body = VersionedStore),
        (status = 404, description = "`store_not_found`: there is no such store, or it is not the one you work in."),
        (status = 412, description = "`stale_version`: the store was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn update_store(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<StoreChanges>,
) -> Result<Answer<VersionedStore>, Problem> {
    let StoreChanges { name, timezone, country, mail_from, url } = changes;
    let request = UpdateStoreRequest { id, name, timezone, country, mail_from, url };
    Ok(Answer::<VersionedStore>::of(peers.places().update_store(caller.ask(request)).await?).tagged())
}
