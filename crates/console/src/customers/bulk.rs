//! One change to many customers: those that were ticked, or all that the list found (CU-8). What it means is said, and
//! confirmed, before it is done.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::JobId, secret};
use proto::{
    base::v1::PageRequest,
    customers::v1::{ChangeManyRequest, ListCustomersRequest, change_many_response::Outcome},
};

use super::query::ListQuery;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::label,
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// The changes there are, in words.
const ACTIONS: [(&str, &str); 4] = [
    ("tag", "Change their tags"),
    ("activate", "Open every door to them again"),
    ("inactivate", "Close every door to them"),
    ("delete", "Erase them for ever"),
];

#[derive(Template, WebTemplate)]
#[template(path = "customers/bulk.html")]
struct Page {
    frame: Frame,
    action: String,
    title: String,
    /// The ids that were ticked; none when all that the list found are meant.
    ids: Vec<String>,
    fields: Vec<(String, String)>,
    /// How many they are, in words.
    count: String,
    key: String,
    failure: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/changed.html")]
struct Changed {
    frame: Frame,
    done: usize,
    refused: Vec<Outcome>,
}

/// What a form says of whom.
struct Whom {
    ids: Vec<String>,
    query: ListQuery,
}

impl Whom {
    fn read(fields: &Fields) -> Result<Self, Problem> {
        let ids = if fields.text("whom") == "all" { Vec::new() } else { fields.all("ids") };
        Ok(Self { ids, query: ListQuery::of(fields).check()? })
    }

    /// The list that shows all of them, one row of it, counted.
    fn list(&self) -> ListCustomersRequest {
        let page = PageRequest { limit: 1, total: true, ..PageRequest::default() };
        ListCustomersRequest { page: Some(page), sort: Vec::new(), ..self.query.request() }
    }

    /// How many they are.
    async fn count(&self, console: &Console, desk: &SignedIn) -> Result<String, Problem> {
        if !self.ids.is_empty() {
            return Ok(self.ids.len().to_string());
        }
        let list = console.customers.clone().list_customers(desk.ask(self.list())).await?.into_inner();
        Ok(label::count(&list.page.unwrap_or_default().total))
    }
}

async fn page(console: &Console, desk: &SignedIn, fields: &Fields, failure: String) -> Result<Response, Problem> {
    let (whom, action) = (Whom::read(fields)?, fields.text("action"));
    let title = ACTIONS.iter().find(|(slug, _)| *slug == action).ok_or_else(Problem::not_found)?.1;
    if fields.text("whom") != "all" && whom.ids.is_empty() {
        return Ok(Redirect::to(&whom.query.page("", "")).into_response());
    }
    let named = whom.query.fields().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let page = Page {
        frame: Frame::of(&desk.visit),
        title: title.to_owned(),
        count: whom.count(console, desk).await?,
        fields: named.collect(),
        ids: whom.ids,
        key: secret::token("bulk"),
        action,
        failure,
    };
    Ok(page.into_response())
}

/// `POST /console/customers/bulk/ask`: says what it would do.
pub async fn ask(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    page(&console, &desk, &Fields::read(&body), String::new()).await
}

/// `POST /console/customers/bulk`: does it.
pub async fn change(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let whom = Whom::read(&fields)?;
    let some = |name: &str| Some(fields.text(name)).filter(|text| !text.is_empty()).into_iter().collect();
    let mut request = ChangeManyRequest {
        ids: whom.ids.clone(),
        action: fields.text("action"),
        add: some("add"),
        remove: some("remove"),
        reason: fields.text("reason"),
        confirm: fields.text("confirm").trim().replace(',', "").parse().ok(),
        ..ChangeManyRequest::default()
    };
    if whom.ids.is_empty() {
        (request.filter, request.query) = (whom.query.everybody(), whom.query.q.clone());
    }
    match console.records.clone().change_many(once((&fields.text("key"), &body), desk.ask(request))).await {
        Ok(changed) => {
            let changed = changed.into_inner();
            if let Some(job) = changed.job {
                let job: JobId = job.id.parse().map_err(|_| Problem::not_found())?;
                return Ok(Redirect::to(&format!("/console/jobs/{job}")).into_response());
            }
            let (refused, done): (Vec<_>, Vec<_>) =
                changed.outcomes.into_iter().partition(|outcome| !outcome.error.is_empty());
            Ok(Changed { frame: Frame::of(&desk.visit), done: done.len(), refused }.into_response())
        }
        Err(status) => page(&console, &desk, &fields, complaint(status)?).await,
    }
}
