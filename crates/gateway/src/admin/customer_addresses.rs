//! Saved addresses of a customer (CU-9).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::{
    base::v1 as base,
    customers::v1::{
        AddAddressRequest, DeleteAddressRequest, GivenAddress, ListAddressesRequest, ReplaceAddressRequest,
    },
};
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
    shape::{List, SavedAddress},
};

/// The routes about saved addresses.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_addresses, add_address)).routes(routes!(replace_address, delete_address))
}

/// An address to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Jane Doe", "line1": "Lindenstraße 9", "city": "Berlin", "postal_code": "10969", "country": "DE",
    "phone": "+49 89 63648018", "residential": true, "default_shipping": true,
}))]
pub struct NewAddress {
    /// The addressee.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// Company.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub business: Option<String>,
    /// Street and house number, or whatever the country puts first.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub line1: String,
    /// Second line.
    #[serde(default)]
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
    #[serde(default)]
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
    /// Makes it the default for bills. A default gives that up only to another address.
    #[serde(default)]
    pub default_billing: Option<bool>,
    /// Makes it the default for parcels; both, and parcels go where bills go.
    #[serde(default)]
    pub default_shipping: Option<bool>,
}

impl NewAddress {
    /// The address alone.
    pub fn plain(self) -> base::Address {
        base::Address {
            name: self.name.unwrap_or_default(),
            business: self.business.unwrap_or_default(),
            line1: self.line1,
            line2: self.line2.unwrap_or_default(),
            city: self.city,
            region: self.region.unwrap_or_default(),
            postal_code: self.postal_code.unwrap_or_default(),
            country: self.country,
            phone: self.phone.unwrap_or_default(),
        }
    }
}

impl From<NewAddress> for GivenAddress {
    fn from(new: NewAddress) -> Self {
        let (default_billing, default_shipping) = (new.default_billing, new.default_shipping);
        let residential = new.residential;
        Self { address: Some(new.plain()), residential, default_billing, default_shipping }
    }
}

/// The addresses of a customer, the defaults first.
pub async fn list(peers: &Peers, caller: &Caller, customer: String) -> Result<Answer<List<SavedAddress>>, Problem> {
    let found = peers.addresses().list_addresses(caller.ask(ListAddressesRequest { customer })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.addresses)))
}

/// A customer's addresses
///
/// The defaults first. Masked without `customers.pii`.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/addresses", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = List<SavedAddress>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_addresses(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<List<SavedAddress>>, Problem> {
    list(&peers, &caller, id).await
}

/// Add an address
///
/// The first one is the default for bills and for parcels.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/addresses", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = NewAddress,
    responses(
        (status = 201, body = SavedAddress),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 422, description = "`too_many_addresses`: a customer has at most 50 addresses.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn add_address(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
    Body(address): Body<NewAddress>,
) -> Result<Answer<SavedAddress>, Problem> {
    let wanted = AddAddressRequest { customer, address: Some(address.into()) };
    let added = peers.addresses().add_address(caller.ask(wanted)).await?;
    Ok(Answer::<SavedAddress>::of(added).tagged().status(StatusCode::CREATED))
}

/// Put another address in place of one
#[utoipa::path(
    put, path = "/admin/v1/customers/{id}/addresses/{address}", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("address" = String, Path, description = "`adr_…`", example = "adr_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")
    ),
    request_body = NewAddress,
    responses(
        (status = 200, body = SavedAddress),
        (status = 404, description = "`customer_not_found`, `address_not_found`: there is no such customer or address."),
        (status = 412, description = "`stale_version`: the address was changed in the meantime."),
        (status = 422, description = "`default_needed`: make another address the default instead.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn replace_address(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((customer, id)): Path<(String, String)>,
    Body(address): Body<NewAddress>,
) -> Result<Answer<SavedAddress>, Problem> {
    let wanted = ReplaceAddressRequest { customer, id, address: Some(address.into()) };
    Ok(Answer::<SavedAddress>::of(peers.addresses().replace_address(caller.ask(wanted)).await?).tagged())
}

/// Delete an address
///
/// The newest of those left becomes the default that it was.
#[utoipa::path(
    delete, path = "/admin/v1/customers/{id}/addresses/{address}", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("address" = String, Path, description = "`adr_…`", example = "adr_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")
    ),
    responses(
        (status = 204, description = "The address is gone."),
        (status = 404, description = "`customer_not_found`, `address_not_found`: there is no such customer or address."),
        (status = 412, description = "`stale_version`: the address was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn delete_address(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((customer, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    peers.addresses().delete_address(caller.ask(DeleteAddressRequest { customer, id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
