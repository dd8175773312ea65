//! What tax the store charges (CA-11).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::catalog::v1::{
    self as pb, CreateTaxRateRequest, DeleteTaxRateRequest, GetTaxRateRequest, ListTaxRatesRequest,
    UpdateTaxRateRequest,
};
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

/// The routes about tax rates.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_tax_rates, create_tax_rate)).routes(routes!(
        get_tax_rate,
        update_tax_rate,
        delete_tax_rate
    ))
}

/// A tax of a place on a class of products.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "taxr_01939b7e5d3c7a2c9d2f1e0b7c6a5d55", "name": "VAT", "country": "DE", "region": null, "rate": 1900,
    "included": true, "class": "standard", "active": true, "version": 1, "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct TaxRate {
    /// `taxr_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Region of the country; `null` for all of it.
    pub region: Option<String>,
    /// Hundredths of a percent: 1900 is 19 %.
    pub rate: u32,
    /// Whether prices contain it already; otherwise it is added to them.
    pub included: bool,
    /// Which products it is on: `standard`, `reduced` or `zero`.
    pub class: String,
    /// Whether it is charged.
    pub active: bool,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for TaxRate {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::TaxRate> for TaxRate {
    fn from(rate: pb::TaxRate) -> Self {
        let terms = rate.terms.unwrap_or_default();
        Self {
            id: rate.id,
            name: terms.name,
            country: terms.country,
            region: text(terms.region),
            rate: terms.rate,
            included: terms.included,
            class: terms.class,
            active: terms.active,
            version: rate.version,
            created_at: time(rate.created_at),
            updated_at: time(rate.updated_at),
        }
    }
}

/// A tax rate as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "VAT", "country": "DE", "rate": 1900, "included": true, "class": "standard"}))]
pub struct WantedTaxRate {
    /// Display name, 1 to 100 characters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// ISO 3166-1 alpha-2 code.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub country: String,
    /// Region of the country, as its addresses name it; left out for all of it.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub region: Option<String>,
    /// Hundredths of a percent: 1900 is 19 %.
    #[schema(maximum = 10_000)]
    pub rate: u32,
    /// Whether prices contain it already; otherwise it is added to them.
    pub included: bool,
    /// Which products it is on: `standard`, which it is without this, `reduced` or `zero`.
    #[schema(pattern = "^(standard|reduced|zero)?$")]
    pub class: Option<String>,
    /// Whether it is charged; it is without this.
    pub active: Option<bool>,
}

impl From<WantedTaxRate> for pb::TaxTerms {
    fn from(wanted: WantedTaxRate) -> Self {
        Self {
            name: wanted.name,
            country: wanted.country,
            region: wanted.region.unwrap_or_default(),
            rate: wanted.rate,
            included: wanted.included,
            class: wanted.class.unwrap_or_default(),
            active: wanted.active.unwrap_or(true),
        }
    }
}

/// Tax rates
///
/// All of the store, by country, region and class.
#[utoipa::path(
    get, path = "/admin/v1/tax-rates", tag = "Shipping and tax",
    responses((status = 200, body = List<TaxRate>)),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_tax_rates(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<TaxRate>>, Problem> {
    let found = peers.tax_rates().list_tax_rates(caller.ask(ListTaxRatesRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.rates)))
}

/// Add a tax rate
#[utoipa::path(
    post, path = "/admin/v1/tax-rates", tag = "Shipping and tax", request_body = WantedTaxRate,
    responses(
        (status = 201, body = TaxRate),
        (status = 409, description = "`tax_rate_taken`: another active rate is for this country, region and class."),
        (status = 422, description = "`too_many`: there are 500 already. | `unsuited`: the rate of the class zero is 0.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn create_tax_rate(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(wanted): Body<WantedTaxRate>,
) -> Result<Answer<TaxRate>, Problem> {
    let wanted = CreateTaxRateRequest { terms: Some(wanted.into()) };
    let rate = peers.tax_rates().create_tax_rate(caller.ask(wanted)).await?;
    let rate = Answer::<TaxRate>::of(rate).tagged();
    let location = format!("/admin/v1/tax-rates/{}", rate.body.id);
    Ok(rate.created(location))
}

/// A tax rate
#[utoipa::path(
    get, path = "/admin/v1/tax-rates/{id}", tag = "Shipping and tax",
    params(("id" = String, Path, description = "`taxr_…`", example = "taxr_01939b7e5d3c7a2c9d2f1e0b7c6a5d55")),
    responses(
        (status = 200, body = TaxRate),
        (status = 404, description = "`tax_rate_not_found`: there is no such tax rate.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn get_tax_rate(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<TaxRate>, Problem> {
    let rate = peers.tax_rates().get_tax_rate(caller.ask(GetTaxRateRequest { id })).await?;
    Ok(Answer::<TaxRate>::of(rate).tagged())
}

/// Write a tax rate
///
/// What is given replaces all that was there.
#[utoipa::path(
    put, path = "/admin/v1/tax-rates/{id}", tag = "Shipping and tax",
    params(("id" = String, Path, description = "`taxr_…`", example = "taxr_01939b7e5d3c7a2c9d2f1e0b7c6a5d55")),
    request_body(content = WantedTaxRate, example = json!({
        "name": "VAT", "country": "AT", "rate": 1000, "included": true, "class": "standard",
    })),
    responses(
        (status = 200, body = TaxRate),
        (status = 404, description = "`tax_rate_not_found`: there is no such tax rate."),
        (status = 409, description = "`tax_rate_taken`: another active rate is for this country, region and class."),
        (status = 412, description = "`stale_version`: it was changed in the meantime."),
        (status = 422, description = "`unsuited`: the rate of the class zero is 0.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn update_tax_rate(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(wanted): Body<WantedTaxRate>,
) -> Result<Answer<TaxRate>, Problem> {
    let wanted = UpdateTaxRateRequest { id, terms: Some(wanted.into()) };
    let rate = peers.tax_rates().update_tax_rate(caller.ask(wanted)).await?;
    Ok(Answer::<TaxRate>::of(rate).tagged())
}

/// Delete a tax rate
#[utoipa::path(
    delete, path = "/admin/v1/tax-rates/{id}", tag = "Shipping and tax",
    params(("id" = String, Path, description = "`taxr_…`", example = "taxr_01939b7e5d3c7a2c9d2f1e0b7c6a5d55")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "`tax_rate_not_found`: there is no such tax rate."),
        (status = 412, description = "`stale_version`: it was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn delete_tax_rate(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.tax_rates().delete_tax_rate(caller.ask(DeleteTaxRateRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
