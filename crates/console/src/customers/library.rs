//! What a customer has in their library, how they download it, and what staff do about it (OR-8, OR-9).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::{
    catalog::v1::BatchGetProductsRequest,
    orders::v1::{
        GrantLibraryItemRequest, LibraryItem, ListDownloadPatternsRequest, ListLibraryRequest, MakeDownloadRequest,
        RebuildLibraryRequest, RevokeLibraryItemRequest,
    },
};
use serde::Deserialize;
use tonic::Status;

use super::head::{Head, at, customer};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label},
    team::complaint,
    visit::SignedIn,
};

struct Row {
    id: String,
    name: String,
    package: String,
    source: String,
    state: Badge,
    /// It can be taken away.
    active: bool,
    orders: Vec<String>,
    note: String,
    files: usize,
    since: Option<Moment>,
}

struct Pattern {
    name: String,
    downloads: i64,
    recent: i64,
    networks: String,
    last: Option<Moment>,
    unusual: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/library.html")]
struct Page {
    frame: Frame,
    head: Head,
    rows: Vec<Row>,
    patterns: Vec<Pattern>,
    /// Whether the reader may change it.
    tends: bool,
    failure: String,
    /// What came of the last deed.
    told: String,
    /// A link that was just made.
    link: String,
}

/// What staff do: the button that was pressed, and what it is about.
#[derive(Deserialize)]
pub struct Deed {
    r#do: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    reason: String,
}

fn row(item: LibraryItem, desk: &SignedIn) -> Row {
    let mut orders: Vec<String> = item.grounds.into_iter().map(|ground| ground.order).collect();
    orders.retain(|order| !order.is_empty());
    orders.dedup();
    Row {
        active: matches!(item.state.as_str(), "active" | "expired"),
        state: Badge::new(&item.state),
        id: item.id,
        name: item.name,
        package: label::words(&item.package),
        source: label::words(&item.source),
        orders,
        note: item.note,
        files: item.files.len(),
        since: Moment::new(item.since.as_ref(), desk.session.zone),
    }
}

async fn page(console: &Console, desk: &SignedIn, id: String, failure: String) -> Result<Page, Problem> {
    let known = customer(console, desk, &id).await?;
    let wanted = desk.ask(ListLibraryRequest { customer: id.clone() });
    let items = console.libraries.clone().list_library(wanted).await?.into_inner().items;
    let wanted = desk.ask(ListDownloadPatternsRequest { customer: id, product: String::new() });
    let patterns = console.downloads.clone().list_download_patterns(wanted).await?.into_inner().patterns;
    let patterns = patterns.into_iter().map(|one| Pattern {
        name: one.name,
        downloads: one.downloads,
        recent: one.recent,
        networks: one.networks.join(", "),
        last: Moment::new(one.last_at.as_ref(), desk.session.zone),
        unusual: one.unusual,
    });
    Ok(Page {
        frame: Frame::of(&desk.visit),
        head: Head::new(&known, &desk.session, "/library"),
        rows: items.into_iter().map(|item| row(item, desk)).collect(),
        patterns: patterns.collect(),
        tends: desk.session.may(Permission::LibraryWrite),
        failure,
        told: String::new(),
        link: String::new(),
    })
}

/// `GET /console/customers/{id}/library`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(page(&console, &desk, id, String::new()).await?.into_response())
}

/// What came of a deed: a sentence, and a link.
async fn carry_out(
    console: &Console,
    desk: &SignedIn,
    (customer, deed): (String, Deed),
) -> Result<(String, String), Status> {
    let Deed { r#do, item, sku, reason } = deed;
    let mut libraries = console.libraries.clone();
    match r#do.as_str() {
        "revoke" => {
            libraries.revoke_library_item(desk.ask(RevokeLibraryItemRequest { customer, item, reason })).await?;
        }
        "rebuild" => {
            let done = libraries.rebuild_library(desk.ask(RebuildLibraryRequest { customer })).await?.into_inner();
            return Ok((format!("{} restored, {} corrected.", done.restored, done.corrected), String::new()));
        }
        "link" => {
            let wanted = MakeDownloadRequest { customer, item, ..MakeDownloadRequest::default() };
            let made = console.downloads.clone().make_download(desk.ask(wanted)).await?.into_inner();
            return Ok(("Good for a day and five downloads; whoever has it may read the file:".to_owned(), made.url));
        }
        _ => {
            let wanted = BatchGetProductsRequest { skus: vec![sku.trim().to_owned()], ..Default::default() };
            let found = console.products.clone().batch_get_products(desk.ask(wanted)).await?.into_inner().products;
            let product = found.into_iter().next().map(|product| product.id);
            let product = product.ok_or_else(|| kit::Error::invalid("/sku", "unknown", "there is no such SKU"))?;
            let wanted = GrantLibraryItemRequest { customer, product, reason, ..GrantLibraryItemRequest::default() };
            libraries.grant_library_item(desk.ask(wanted)).await?;
        }
    }
    Ok((String::new(), String::new()))
}

/// `POST /console/customers/{id}/library`.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(deed): Form<Deed>,
) -> Result<Response, Problem> {
    match carry_out(&console, &desk, (id.clone(), deed)).await {
        Ok((told, _)) if told.is_empty() => Ok(Redirect::to(&at(&id, "/library")?).into_response()),
        Ok((told, link)) => {
            let page = page(&console, &desk, id, String::new()).await?;
            Ok(Page { told, link, ..page }.into_response())
        }
        Err(status) => Ok(page(&console, &desk, id, complaint(status)?).await?.into_response()),
    }
}
