//! Saved addresses of a customer (CU-9).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::{
    base::v1::Address,
    customers::v1::{
        AddAddressRequest, DeleteAddressRequest, GivenAddress, ListAddressesRequest, ReplaceAddressRequest,
        SavedAddress,
    },
};
use serde::Deserialize;

use super::head::{Head, at, customer};
use crate::{console::Console, frame::Frame, problem::Problem, team::complaint, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "customers/addresses.html")]
struct Page {
    frame: Frame,
    head: Head,
    rows: Vec<SavedAddress>,
    form: Fields,
    failure: String,
}

/// The fields of the form; with the id of the address that they are to replace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    id: String,
    version: String,
    name: String,
    business: String,
    line1: String,
    line2: String,
    city: String,
    region: String,
    postal_code: String,
    country: String,
    phone: String,
    /// "residential" or "business".
    kind: String,
    default_billing: Option<String>,
    default_shipping: Option<String>,
}

/// Which address is to be changed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Which {
    id: String,
    version: String,
}

impl Fields {
    fn of(saved: &SavedAddress) -> Self {
        let address = saved.address.clone().unwrap_or_default();
        let ticked = |ticked: bool| ticked.then(|| "on".to_owned());
        Self {
            id: saved.id.clone(),
            version: saved.version.to_string(),
            name: address.name,
            business: address.business,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country: address.country,
            phone: address.phone,
            kind: if saved.residential { String::new() } else { "business".to_owned() },
            default_billing: ticked(saved.default_billing),
            default_shipping: ticked(saved.default_shipping),
        }
    }

    fn given(&self) -> GivenAddress {
        let form = self.clone();
        // A box that is not ticked leaves things as they are: a default is given up to another address only.
        let ticked = |name: &Option<String>| name.is_some().then_some(true);
        GivenAddress {
            residential: Some(form.kind != "business"),
            default_billing: ticked(&form.default_billing),
            default_shipping: ticked(&form.default_shipping),
            address: Some(Address {
                name: form.name,
                business: form.business,
                line1: form.line1,
                line2: form.line2,
                city: form.city,
                region: form.region,
                postal_code: form.postal_code,
                country: form.country,
                phone: form.phone,
            }),
        }
    }
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    id: String,
    (form, failure): (Option<Fields>, String),
    which: &str,
) -> Result<Page, Problem> {
    let customer = customer(console, desk, &id).await?;
    let found = console.saved_addresses.clone().list_addresses(desk.ask(ListAddressesRequest { customer: id })).await?;
    let rows = found.into_inner().addresses;
    let chosen = rows.iter().find(|saved| saved.id == which).map(Fields::of);
    let form = form.or(chosen).unwrap_or_default();
    Ok(Page {
        frame: Frame::of(&desk.visit),
        head: Head::new(&customer, &desk.session, "/addresses"),
        rows,
        form,
        failure,
    })
}

/// `GET /console/customers/{id}/addresses`, with the address to change in the query.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    Ok(page(&console, &desk, id, (None, String::new()), &which.id).await?.into_response())
}

/// `POST /console/customers/{id}/addresses`: a new one, or in place of the one that is named.
pub async fn save(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let (mut addresses, address) = (console.saved_addresses.clone(), Some(form.given()));
    let saved = if form.id.is_empty() {
        addresses.add_address(desk.ask(AddAddressRequest { customer: id.clone(), address })).await
    } else {
        let request = ReplaceAddressRequest { customer: id.clone(), id: form.id.clone(), address };
        addresses.replace_address(desk.ask_at(&form.version, request)).await
    };
    match saved {
        Ok(_) => Ok(Redirect::to(&at(&id, "/addresses")?).into_response()),
        Err(status) => {
            let told = (Some(form), complaint(status)?);
            Ok(page(&console, &desk, id, told, "").await?.into_response())
        }
    }
}

/// `POST /console/customers/{id}/addresses/delete`.
pub async fn delete(
    State(console): State<Console>,
    desk: SignedIn,
    Path(customer): Path<String>,
    Form(Which { id, version }): Form<Which>,
) -> Result<Response, Problem> {
    let request = DeleteAddressRequest { customer: customer.clone(), id };
    match console.saved_addresses.clone().delete_address(desk.ask_at(&version, request)).await {
        Ok(_) => Ok(Redirect::to(&at(&customer, "/addresses")?).into_response()),
        Err(status) => {
            let told = (None, complaint(status)?);
            Ok(page(&console, &desk, customer, told, "").await?.into_response())
        }
    }
}
