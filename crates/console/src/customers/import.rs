//! One file of customers: what its columns are, what would become of its rows, and what became of them.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::ids::ImportId;
use proto::customers::v1::{
    CancelImportRequest, ChangeImportRequest, CheckImportRequest, GetImportRequest, Import, ImportCounts, ImportFault,
    ImportFields, ImportOptions, ImportTags, ListImportFaultsRequest, ReadImportReportRequest, StartImportRequest,
};

use super::{imports::HERE, job::file};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment},
    team::complaint,
    visit::SignedIn,
};

/// What a column can be, in words.
const FIELDS: [(&str, &str); 25] = [
    ("email", "E-mail"),
    ("name", "Name"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("phone", "Phone"),
    ("business", "Business"),
    ("username", "User name"),
    ("fax", "Fax"),
    ("language", "Language"),
    ("tags", "Tags"),
    ("note", "Note"),
    ("consents.email", "Consent to e-mail"),
    ("consents.sms", "Consent to SMS"),
    ("consents.push", "Consent to push"),
    ("consents.phone", "Consent to calls"),
    ("consents.post", "Consent to letters"),
    ("address.line1", "Street"),
    ("address.line2", "Second line of the address"),
    ("address.city", "City"),
    ("address.region", "Region"),
    ("address.postal_code", "Postal code"),
    ("address.country", "Country code"),
    ("address.business", "Business of the address"),
    ("address.phone", "Phone of the address"),
    ("id", "Id of the customer"),
];

#[derive(Template, WebTemplate)]
#[template(path = "customers/import.html")]
#[expect(clippy::struct_excessive_bools, reason = "each says whether the page shows something")]
struct Page {
    frame: Frame,
    id: String,
    state: Badge,
    /// Whether it may still be read otherwise.
    open: bool,
    checked: bool,
    /// Whether it gets on by itself.
    works: bool,
    stops: bool,
    report: bool,
    columns: Vec<Column>,
    options: ImportOptions,
    counts: ImportCounts,
    rows: i64,
    done: i64,
    encoding: String,
    until: Option<Moment>,
    faults: Vec<ImportFault>,
    more: bool,
    failed: &'static str,
    failure: String,
}

struct Column {
    name: String,
    choices: Vec<Choice>,
    sample: Vec<String>,
}

struct Choice {
    value: String,
    title: String,
    chosen: bool,
}

/// What the column `place` of `import` can be.
fn column(import: &Import, place: usize) -> Column {
    let name = import.columns.get(place).cloned().unwrap_or_default();
    let chosen = import.fields.get(place).map(String::as_str).unwrap_or_default();
    let key: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(64).collect();
    let further = if chosen.starts_with("meta.") { chosen.to_owned() } else { format!("meta.{key}") };
    let title = format!("Further data “{}”", further.trim_start_matches("meta."));
    let known = FIELDS.iter().map(|(value, title)| ((*value).to_owned(), (*title).to_owned()));
    let meta = (further != "meta.").then_some((further, title));
    let all = [(String::new(), "Leave it out".to_owned())].into_iter().chain(known).chain(meta);
    Column {
        name,
        choices: all.map(|(value, title)| Choice { chosen: value == chosen, value, title }).collect(),
        sample: import.sample.iter().filter_map(|row| row.cells.get(place).cloned()).take(3).collect(),
    }
}

/// Why it failed, in words.
fn failed(slug: &str) -> &'static str {
    match slug {
        "" => "",
        "expired" => "The file was kept for a day and is gone. Upload it again.",
        "withdrawn" => "Somebody was erased who may be in the file, so it is gone. Upload one without them.",
        _ => "It did not get on and was given up. What was done stays done; upload the file again.",
    }
}

async fn page(console: &Console, desk: &SignedIn, id: String, failure: String) -> Result<Response, Problem> {
    let id: ImportId = id.parse().map_err(|_| Problem::not_found())?;
    let request = GetImportRequest { id: id.into() };
    let import = console.imports.clone().get_import(desk.ask(request)).await?.into_inner();
    let request = ListImportFaultsRequest { id: id.into(), page: None };
    let found = console.imports.clone().list_import_faults(desk.ask(request)).await?.into_inner();
    let state = import.state.as_str();
    let page = Page {
        frame: Frame::of(&desk.visit),
        id: import.id.clone(),
        state: Badge::new(state),
        open: matches!(state, "uploaded" | "checked"),
        checked: state == "checked",
        works: matches!(state, "checking" | "running"),
        stops: import.ended_at.is_none(),
        report: import.has_report,
        columns: (0..import.columns.len()).map(|place| column(&import, place)).collect(),
        options: import.options.clone().unwrap_or_default(),
        counts: import.counts.unwrap_or_default(),
        rows: import.rows,
        done: import.done,
        encoding: import.encoding.clone(),
        until: Moment::new(import.expires_at.as_ref(), desk.session.zone),
        faults: found.faults,
        more: found.page.is_some_and(|page| page.has_more),
        failed: failed(&import.failure),
        failure,
    };
    Ok(page.into_response())
}

/// What is done about `id`: its page again, with what was wrong.
async fn after(
    console: &Console,
    desk: &SignedIn,
    id: String,
    done: Result<(), tonic::Status>,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{HERE}/{id}")).into_response()),
        Err(status) => page(console, desk, id, complaint(status)?).await,
    }
}

/// `GET /console/customers/imports/{id}`: looks again by itself while it gets on.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&console, &desk, id, String::new()).await
}

/// `POST /console/customers/imports/{id}`: what the columns are, one `field` for each; it is checked at once.
pub async fn check(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let all = |wanted: &str| form.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).collect();
    let one = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let tags = one("tags").unwrap_or_default();
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let change = ChangeImportRequest {
        id: id.clone(),
        fields: Some(ImportFields { fields: all("field") }),
        empty: one("empty"),
        country: one("country"),
        tags: Some(ImportTags { tags }),
    };
    let done = async {
        console.imports.clone().change_import(desk.ask(change)).await?;
        console.imports.clone().check_import(desk.ask(CheckImportRequest { id: id.clone() })).await
    };
    let done = done.await.map(drop);
    after(&console, &desk, id, done).await
}

/// `POST /console/customers/imports/{id}/start`.
pub async fn begin(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let done = console.imports.clone().start_import(desk.ask(StartImportRequest { id: id.clone() })).await;
    after(&console, &desk, id, done.map(drop)).await
}

/// `POST /console/customers/imports/{id}/cancel`.
pub async fn cancel(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let done = console.imports.clone().cancel_import(desk.ask(CancelImportRequest { id: id.clone() })).await;
    after(&console, &desk, id, done.map(drop)).await
}

/// `GET /console/customers/imports/{id}/report`: what became of each line, as a file.
pub async fn report(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: ImportId = id.parse().map_err(|_| Problem::not_found())?;
    file(id, |after| {
        let mut imports = console.imports.clone();
        let request = desk.ask(ReadImportReportRequest { id: id.into(), after });
        async move { Ok(imports.read_import_report(request).await?.into_inner()) }
    })
    .await
}
