//! How the store ships (CA-11): a table in which every row is a form.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use kit::{money::Currency, permission::Permission};
use proto::catalog::v1::{
    CreateShippingMethodRequest, DeleteShippingMethodRequest, ListShippingMethodsRequest, ShippingMethod,
    ShippingTerms, UpdateShippingMethodRequest,
};
use tonic::Status;

use super::{amount, currency};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    team::{Fields, complaint},
    visit::SignedIn,
};

const PATH: &str = "/console/products/shipping";

struct Row {
    id: String,
    version: i64,
    terms: ShippingTerms,
    price: String,
    free_from: String,
}

impl Row {
    fn of(method: ShippingMethod, currency: Currency) -> Self {
        let terms = method.terms.unwrap_or_default();
        let written = |money: &proto::base::v1::Money| amount::written(money.amount, currency);
        let (price, free_from) = (terms.price.as_ref().map(written), terms.free_from.as_ref().map(written));
        let (price, free_from) = (price.unwrap_or_default(), free_from.unwrap_or_default());
        Self { id: method.id, version: method.version, terms, price, free_from }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "catalog/shipping.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    currency: &'static str,
    writes: bool,
    failure: String,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Response, Problem> {
    let currency = currency(console, desk).await?;
    let found = console.shipping_methods.clone().list_shipping_methods(desk.ask(ListShippingMethodsRequest {})).await?;
    let rows = found.into_inner().methods.into_iter().map(|method| Row::of(method, currency)).collect();
    let writes = desk.session.may(Permission::CatalogWrite);
    Ok(Page { frame: Frame::of(&desk.visit), rows, currency: currency.code(), writes, failure }.into_response())
}

/// `GET /console/products/shipping`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    page(&console, &desk, String::new()).await
}

/// `POST /console/products/shipping`: adds, saves or deletes, as the button says.
pub async fn manage(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let (fields, currency) = (Fields::read(&body), currency(&console, &desk).await?);
    match carry_out(&console, &desk, currency, &fields).await {
        Ok(()) => Ok(Redirect::to(PATH).into_response()),
        Err(status) => page(&console, &desk, complaint(status)?).await,
    }
}

async fn carry_out(console: &Console, desk: &SignedIn, currency: Currency, fields: &Fields) -> Result<(), Status> {
    let (mut methods, id, version) = (console.shipping_methods.clone(), fields.text("id"), fields.text("version"));
    let terms = Some(terms(fields, currency));
    match fields.text("do").as_str() {
        "delete" => {
            drop(methods.delete_shipping_method(desk.ask_at(&version, DeleteShippingMethodRequest { id })).await?);
        }
        "save" => {
            let wanted = UpdateShippingMethodRequest { id, terms };
            drop(methods.update_shipping_method(desk.ask_at(&version, wanted)).await?);
        }
        _ => drop(methods.create_shipping_method(desk.ask(CreateShippingMethodRequest { terms })).await?),
    }
    Ok(())
}

fn terms(fields: &Fields, currency: Currency) -> ShippingTerms {
    let countries = fields.text("countries").to_uppercase();
    let countries = countries.split([',', ' ']).filter(|code| !code.is_empty()).map(str::to_owned);
    ShippingTerms {
        name: fields.text("name"),
        price: amount::read(&fields.text("price"), currency),
        free_from: amount::read(&fields.text("free_from"), currency),
        countries: countries.collect(),
        active: fields.text("active") != "no",
        position: fields.text("position").trim().parse().unwrap_or_default(),
    }
}
