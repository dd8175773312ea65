//! Adding and changing a customer (CU-8): one form, filled with what is there, or again with what was typed.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::customers::v1::{
    ChangeCustomerRequest, ContactMethod, ContactMethods, CreateCustomerRequest, Customer, Details,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    head::{Head, at, customer},
    merge::difference,
};
use crate::{console::Console, frame::Frame, problem::Problem, team::complaint, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "customers/edit.html")]
struct Edit {
    frame: Frame,
    head: Head,
    form: Fields,
    failure: String,
    action: String,
    /// Whether this is somebody new.
    fresh: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/new.html")]
struct New {
    frame: Frame,
    form: Fields,
    failure: String,
    action: String,
    /// Whether this is somebody new.
    fresh: bool,
}

/// The fields of the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    version: String,
    name: String,
    email: String,
    phone: String,
    username: String,
    business: String,
    fax: String,
    language: String,
    photo_url: String,
    /// One a line: what it is, a colon, the handle.
    contacts: String,
    /// A JSON object.
    meta: String,
    library_all: Option<String>,
    directory: Option<String>,
}

impl Fields {
    fn of(customer: &Customer) -> Self {
        let ways = customer.contacts.iter().map(|way| format!("{}: {}", way.kind, way.value));
        let object: Value = serde_json::from_str(&customer.meta).unwrap_or_default();
        let ticked = |ticked: bool| ticked.then(|| "on".to_owned());
        Self {
            version: customer.version.to_string(),
            name: customer.name.clone(),
            email: customer.email.clone(),
            phone: customer.phone.clone(),
            username: customer.username.clone(),
            business: customer.business.clone(),
            fax: customer.fax.clone(),
            language: customer.language.clone(),
            photo_url: customer.photo_url.clone(),
            contacts: ways.collect::<Vec<_>>().join("\n"),
            meta: serde_json::to_string_pretty(&object).unwrap_or_default(),
            library_all: ticked(customer.library_all),
            directory: ticked(customer.directory),
        }
    }

    fn contacts(&self) -> ContactMethods {
        let lines = self.contacts.lines().map(str::trim).filter(|line| !line.is_empty());
        let read = |line: &str| {
            let (kind, value) = line.split_once(':').unwrap_or(("", line));
            ContactMethod { kind: kind.trim().to_owned(), value: value.trim().to_owned() }
        };
        ContactMethods { contacts: lines.map(read).collect() }
    }

    fn object(&self) -> Option<Map<String, Value>> {
        if self.meta.trim().is_empty() { Some(Map::new()) } else { serde_json::from_str(&self.meta).ok() }
    }

    /// What is to be changed of a record, or what it lacks in words. `before` is what is there: nothing for somebody new.
    /// Without `pii` only what is not personal is said.
    fn details(&self, before: &Customer, pii: bool) -> Result<Details, String> {
        let own = Details {
            username: Some(self.username.clone()),
            language: Some(self.language.clone()),
            library_all: Some(self.library_all.is_some()),
            directory: Some(self.directory.is_some()),
            ..Details::default()
        };
        if !pii {
            return Ok(own);
        }
        let meta = self.object().ok_or("the further fields are no JSON object")?;
        let known = serde_json::from_str(&before.meta).unwrap_or_default();
        let patch = Value::Object(difference(&known, meta));
        let moved = self.email.trim() != before.email;
        Ok(Details {
            name: Some(self.name.clone()),
            email: moved.then(|| self.email.clone()),
            phone: Some(self.phone.clone()),
            photo_url: Some(self.photo_url.clone()),
            business: Some(self.business.clone()),
            fax: Some(self.fax.clone()),
            contacts: Some(self.contacts()),
            meta: Some(patch.to_string()),
            ..own
        })
    }
}

/// `GET /console/customers/new`.
pub async fn start(desk: SignedIn) -> Response {
    new(&desk, Fields::default(), String::new())
}

fn new(desk: &SignedIn, form: Fields, failure: String) -> Response {
    let action = "/console/customers/new".to_owned();
    New { frame: Frame::of(&desk.visit), form, failure, action, fresh: true }.into_response()
}

/// `POST /console/customers/new`.
pub async fn make(
    State(console): State<Console>,
    desk: SignedIn,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let details = match form.details(&Customer::default(), true) {
        Ok(details) => Details { email: Some(form.email.clone()), ..details },
        Err(failure) => return Ok(new(&desk, form, failure)),
    };
    let request = CreateCustomerRequest { details: Some(details), tags: Vec::new() };
    match console.records.clone().create_customer(desk.ask(request)).await {
        Ok(made) => Ok(Redirect::to(&at(&made.into_inner().id, "")?).into_response()),
        Err(status) => Ok(new(&desk, form, complaint(status)?)),
    }
}

/// `GET /console/customers/{id}/edit`.
pub async fn edit(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    let customer = customer(&console, &desk, &id).await?;
    Ok(page(&desk, &customer, Fields::of(&customer), String::new()))
}

fn page(desk: &SignedIn, customer: &Customer, form: Fields, failure: String) -> Response {
    let head = Head::new(customer, &desk.session, "/edit");
    let action = format!("/console/customers/{}/edit", customer.id);
    Edit { frame: Frame::of(&desk.visit), head, form, failure, action, fresh: false }.into_response()
}

/// `POST /console/customers/{id}/edit`.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let known = customer(&console, &desk, &id).await?;
    let details = match form.details(&known, desk.session.sees_pii()) {
        Ok(details) => details,
        Err(failure) => return Ok(page(&desk, &known, form, failure)),
    };
    let request = ChangeCustomerRequest { id: id.clone(), details: Some(details) };
    match console.records.clone().change_customer(desk.ask_at(&form.version, request)).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "")?).into_response()),
        Err(status) => Ok(page(&desk, &known, form, complaint(status)?)),
    }
}
