//! A customer's own saved addresses (CU-9).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use proto::{
    base::v1 as base,
    customers::v1::{
        AddAddressRequest, DeleteAddressRequest, GivenAddress, ListAddressesRequest, ReplaceAddressRequest,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::profile::own;
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    shape::SavedAddress,
};

/// A place to keep. `street1`, `street2` and `province` stand for `line1`, `line2` and `region`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "name": "Jane Doe", "line1": "Lindenstraße 9", "city": "Berlin", "postal_code": "10969", "country": "DE",
    "phone": "+49 89 63648018", "default_shipping": true,
}))]
pub struct NewPlace {
    /// The addressee.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// Company.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub business: Option<String>,
    /// Street and house number, or whatever the country puts first.
    #[serde(alias = "street1")]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub line1: String,
    /// Second line.
    #[serde(default, alias = "street2")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub line2: Option<String>,
    /// Town or city.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub city: String,
    /// State, province or region.
    #[serde(default, alias = "province")]
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default)]
    #[schema(max_length = 20, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    #[schema(format = "country", min_length = 2, max_length = 2)]
    pub country: String,
    /// Phone, of the address's country where it has no country code.
    #[serde(default)]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// Whether somebody lives there; true without it.
    #[serde(default)]
    pub residential: Option<bool>,
    /// Makes it the default for bills. A default gives that up only to another place.
    #[serde(default)]
    pub default_billing: Option<bool>,
    /// Makes it the default for parcels; both, and parcels go where bills go.
    #[serde(default)]
    pub default_shipping: Option<bool>,
}

impl From<NewPlace> for GivenAddress {
    fn from(new: NewPlace) -> Self {
        let NewPlace { line1, city, country, residential, default_billing, default_shipping, .. } = new;
        let address = base::Address {
            name: new.name.unwrap_or_default(),
            business: new.business.unwrap_or_default(),
            line1,
            line2: new.line2.unwrap_or_default(),
            city,
            region: new.region.unwrap_or_default(),
            postal_code: new.postal_code.unwrap_or_default(),
            country,
            phone: new.phone.unwrap_or_default(),
        };
        Self { address: Some(address), residential, default_billing, default_shipping }
    }
}

/// One's own places
///
/// The defaults first. For registered customers.
#[utoipa::path(
    get, path = "/storefront/v1/customers/places", tag = "Customers", operation_id = "list_places",
    responses((status = 200, body = Vec<SavedAddress>)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Vec<SavedAddress>>, Problem> {
    let wanted = ListAddressesRequest { customer: own(&caller, "me")? };
    let found = peers.addresses().list_addresses(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| found.addresses.into_iter().map(Into::into).collect()))
}

/// Keep a place
///
/// The first one is the default for bills and for parcels.
#[utoipa::path(
    post, path = "/storefront/v1/customers/places", tag = "Customers", operation_id = "add_place",
    request_body = NewPlace,
    responses(
        (status = 201, body = SavedAddress),
        (status = 403, description = "`registration_required`: guests keep no places."),
        (status = 422, description = "`too_many_addresses`: at most 50 places.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn add(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(place): Body<NewPlace>,
) -> Result<Answer<SavedAddress>, Problem> {
    let wanted = AddAddressRequest { customer: own(&caller, "me")?, address: Some(place.into()) };
    let added = peers.addresses().add_address(caller.ask(wanted)).await?;
    Ok(Answer::<SavedAddress>::of(added).tagged().status(StatusCode::CREATED))
}

/// Put another place in place of one
#[utoipa::path(
    put, path = "/storefront/v1/customers/places/{id}", tag = "Customers", operation_id = "replace_place",
    params(("id" = String, Path, description = "`adr_…`", example = "adr_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    request_body = NewPlace,
    responses(
        (status = 200, body = SavedAddress),
        (status = 403, description = "`registration_required`: guests keep no places."),
        (status = 404, description = "`address_not_found`: there is no such place of yours."),
        (status = 412, description = "`stale_version`: the place was changed in the meantime."),
        (status = 422, description = "`default_needed`: make another place the default instead.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn replace(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(place): Body<NewPlace>,
) -> Result<Answer<SavedAddress>, Problem> {
    let wanted = ReplaceAddressRequest { customer: own(&caller, "me")?, id, address: Some(place.into()) };
    Ok(Answer::<SavedAddress>::of(peers.addresses().replace_address(caller.ask(wanted)).await?).tagged())
}

/// Forget a place
///
/// Answers it. The newest of those left becomes the default that it was.
#[utoipa::path(
    delete, path = "/storefront/v1/customers/places/{id}", tag = "Customers", operation_id = "delete_place",
    params(("id" = String, Path, description = "`adr_…`", example = "adr_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 200, body = SavedAddress),
        (status = 403, description = "`registration_required`: guests keep no places."),
        (status = 404, description = "`address_not_found`: there is no such place of yours."),
        (status = 412, description = "`stale_version`: the place was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn delete(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<SavedAddress>, Problem> {
    let wanted = DeleteAddressRequest { customer: own(&caller, "me")?, id };
    Ok(Answer::of(peers.addresses().delete_address(caller.ask(wanted)).await?))
}
