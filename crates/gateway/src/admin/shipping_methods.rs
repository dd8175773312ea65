//! How the store ships (CA-11).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::catalog::v1::{
    self as pb, CreateShippingMethodRequest, DeleteShippingMethodRequest, GetShippingMethodRequest,
    ListShippingMethodsRequest, UpdateShippingMethodRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{Array, ArrayBuilder, ObjectBuilder, Type, schema::SchemaType},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::products::Price;
use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, Money, time},
};

/// The routes about ways to ship.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_shipping_methods, create_shipping_method)).routes(routes!(
        get_shipping_method,
        update_shipping_method,
        delete_shipping_method
    ))
}

/// A way to ship. Digital products need none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d54", "name": "Post", "price": {"amount": 490, "currency": "EUR"},
    "free_from": {"amount": 5000, "currency": "EUR"}, "countries": ["AT", "DE"], "active": true, "position": 1,
    "version": 1, "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct ShippingMethod {
    /// `shpm_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// Value of goods from which it is free; `null` for never.
    pub free_from: Option<Money>,
    /// ISO 3166-1 alpha-2 codes of where it goes; none for everywhere.
    pub countries: Vec<String>,
    /// Whether it can be chosen.
    pub active: bool,
    /// Place in the list.
    pub position: u32,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for ShippingMethod {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::ShippingMethod> for ShippingMethod {
    fn from(method: pb::ShippingMethod) -> Self {
        let terms = method.terms.unwrap_or_default();
        Self {
            id: method.id,
            name: terms.name,
            price: terms.price.map(Into::into).unwrap_or_default(),
            free_from: terms.free_from.map(Into::into),
            countries: terms.countries,
            active: terms.active,
            position: terms.position,
            version: method.version,
            created_at: time(method.created_at),
            updated_at: time(method.updated_at),
        }
    }
}

/// Codes of countries.
fn countries() -> Array {
    let code = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z]{2}$"));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(code).max_items(Some(250)).build()
}

/// A way to ship as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Post", "price": {"amount": 490, "currency": "EUR"}, "free_from": {"amount": 5000, "currency": "EUR"},
    "countries": ["AT", "DE"], "position": 1,
}))]
pub struct WantedShippingMethod {
    /// Display name, 1 to 100 characters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// What it costs, in the store's currency.
    pub price: Price,
    /// Value of goods from which it is free.
    pub free_from: Option<Price>,
    /// ISO 3166-1 alpha-2 codes of where it goes; none for everywhere.
    #[schema(schema_with = countries)]
    pub countries: Option<Vec<String>>,
    /// Whether it can be chosen; it can without this.
    pub active: Option<bool>,
    /// Place in the list; the first without it.
    #[schema(maximum = 9_999)]
    pub position: Option<u32>,
}

impl From<WantedShippingMethod> for pb::ShippingTerms {
    fn from(wanted: WantedShippingMethod) -> Self {
        Self {
            name: wanted.name,
            price: Some(wanted.price.into()),
            free_from: wanted.free_from.map(Into::into),
            countries: wanted.countries.unwrap_or_default(),
            active: wanted.active.unwrap_or(true),
            position: wanted.position.unwrap_or_default(),
        }
    }
}

/// Shipping methods
///
/// All of the store, by position.
#[utoipa::path(
    get, path = "/admin/v1/shipping-methods", tag = "Shipping and tax",
    responses((status = 200, body = List<ShippingMethod>)),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_shipping_methods(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<ShippingMethod>>, Problem> {
    let found = peers.shipping_methods().list_shipping_methods(caller.ask(ListShippingMethodsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.methods)))
}

/// Add a shipping method
#[utoipa::path(
    post, path = "/admin/v1/shipping-methods", tag = "Shipping and tax", request_body = WantedShippingMethod,
    responses(
        (status = 201, body = ShippingMethod),
        (status = 422, description = "`wrong_currency`: a price is not in the store's currency. | `too_many`: there are 100 already.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn create_shipping_method(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(wanted): Body<WantedShippingMethod>,
) -> Result<Answer<ShippingMethod>, Problem> {
    let wanted = CreateShippingMethodRequest { terms: Some(wanted.into()) };
    let method = peers.shipping_methods().create_shipping_method(caller.ask(wanted)).await?;
    let method = Answer::<ShippingMethod>::of(method).tagged();
    let location = format!("/admin/v1/shipping-methods/{}", method.body.id);
    Ok(method.created(location))
}

/// A shipping method
#[utoipa::path(
    get, path = "/admin/v1/shipping-methods/{id}", tag = "Shipping and tax",
    params(("id" = String, Path, description = "`shpm_…`", example = "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d54")),
    responses(
        (status = 200, body = ShippingMethod),
        (status = 404, description = "`shipping_method_not_found`: there is no such shipping method.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn get_shipping_method(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<ShippingMethod>, Problem> {
    let method = peers.shipping_methods().get_shipping_method(caller.ask(GetShippingMethodRequest { id })).await?;
    Ok(Answer::<ShippingMethod>::of(method).tagged())
}

/// Write a shipping method
///
/// What is given replaces all that was there.
#[utoipa::path(
    put, path = "/admin/v1/shipping-methods/{id}", tag = "Shipping and tax",
    params(("id" = String, Path, description = "`shpm_…`", example = "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d54")),
    request_body = WantedShippingMethod,
    responses(
        (status = 200, body = ShippingMethod),
        (status = 404, description = "`shipping_method_not_found`: there is no such shipping method."),
        (status = 412, description = "`stale_version`: it was changed in the meantime."),
        (status = 422, description = "`wrong_currency`: a price is not in the store's currency.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn update_shipping_method(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(wanted): Body<WantedShippingMethod>,
) -> Result<Answer<ShippingMethod>, Problem> {
    let wanted = UpdateShippingMethodRequest { id, terms: Some(wanted.into()) };
    let method = peers.shipping_methods().update_shipping_method(caller.ask(wanted)).await?;
    Ok(Answer::<ShippingMethod>::of(method).tagged())
}

/// Delete a shipping method
#[utoipa::path(
    delete, path = "/admin/v1/shipping-methods/{id}", tag = "Shipping and tax",
    params(("id" = String, Path, description = "`shpm_…`", example = "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d54")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "`shipping_method_not_found`: there is no such shipping method."),
        (status = 412, description = "`stale_version`: it was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn delete_shipping_method(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.shipping_methods().delete_shipping_method(caller.ask(DeleteShippingMethodRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
