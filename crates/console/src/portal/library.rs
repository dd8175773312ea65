//! What a shopper has in their library, in every store of theirs, and links to its files (PO-1, OR-8, OR-9).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono_tz::Tz;
use proto::orders::v1::{Download, LibraryGround, LibraryItem, ListLibraryRequest, MakeDownloadRequest};
use serde::Deserialize;

use super::{
    guest::Guest,
    tickets::{Away, complaint, guest, named, stores},
};
use crate::{
    console::Console,
    frame::Frame,
    show::{Badge, Moment, label},
    visit::Visit,
};

/// Times are shown in UTC: where a shopper is nobody knows.
const ZONE: Tz = Tz::UTC;

/// Something that can be downloaded.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    item: String,
    #[serde(default)]
    file: String,
}

struct Row {
    id: String,
    name: String,
    description: String,
    /// Its picture, if that is one of the house: pages load nothing from elsewhere.
    image: String,
    store: String,
    package: String,
    source: String,
    state: Badge,
    is_active: bool,
    /// Id and name of each.
    files: Vec<(String, String)>,
    limit: u32,
    since: Option<Moment>,
    until: Option<Moment>,
}

/// A link that was made just now.
struct Made {
    name: String,
    url: String,
    uses: u32,
    until: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/library.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    made: Option<Made>,
    failure: String,
}

/// Whether `image` is of the house that is known by `host`.
fn is_own(image: &str, host: &str) -> bool {
    let path = image.split_once("://").map_or(Some(image), |(_, rest)| rest.strip_prefix(host));
    path.is_some_and(|path| path.starts_with('/') && !path.starts_with("//"))
}

impl Row {
    fn new(item: LibraryItem, (store, host): (String, &str)) -> Self {
        Self {
            is_active: item.state == "active",
            state: Badge::new(&item.state),
            image: Some(item.image).filter(|image| is_own(image, host)).unwrap_or_default(),
            id: item.id,
            name: item.name,
            description: item.description,
            store,
            package: label::words(&item.package),
            source: source(&item.source, &item.grounds),
            files: item.files.into_iter().map(|file| (file.id, file.name)).collect(),
            limit: item.download_limit,
            since: Moment::new(item.since.as_ref(), ZONE),
            until: Moment::new(item.until.as_ref(), ZONE),
        }
    }
}

/// How something came, as its owner would say.
fn source(slug: &str, grounds: &[LibraryGround]) -> String {
    let giver = grounds.iter().map(|ground| ground.giver_name.as_str()).find(|name| !name.is_empty());
    match (slug, giver) {
        ("purchase", _) => "Bought".to_owned(),
        ("gift", Some(giver)) => format!("A gift from {giver}"),
        ("gift", None) => "A gift".to_owned(),
        ("access", _) => "With your access to everything".to_owned(),
        _ => "Given by the store".to_owned(),
    }
}

impl From<Download> for Made {
    fn from(made: Download) -> Self {
        Self {
            name: made.file.unwrap_or_default().name,
            uses: made.most_uses,
            until: Moment::new(made.expires_at.as_ref(), ZONE),
            url: made.url,
        }
    }
}

async fn page(
    console: &Console,
    (visit, guest): (&Visit, &Guest),
    (made, failure): (Option<Made>, String),
) -> Result<Response, Away> {
    let stores = stores(console, visit, guest).await?;
    let asked = guest.sign(visit.call(ListLibraryRequest::default()));
    let items = console.libraries.clone().list_library(asked).await?.into_inner().items;
    let rows = items.into_iter().map(|item| {
        let store = named(&stores, &item.store);
        Row::new(item, (store, &console.host))
    });
    let status = if failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page { frame: Frame::of(visit), rows: rows.collect(), made, failure };
    Ok((status, page).into_response())
}

/// `GET /account/library`.
pub async fn list(visit: Visit, State(console): State<Console>, headers: HeaderMap) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    page(&console, (&visit, &guest), (None, String::new())).await
}

/// `POST /account/library`: the page with a link to a file, which is shown this once.
pub async fn download(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Form(Wanted { item, file }): Form<Wanted>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let asked = guest.sign(visit.call(MakeDownloadRequest { item, file, ..MakeDownloadRequest::default() }));
    let done = match console.downloads.clone().make_download(asked).await {
        Ok(made) => (Some(Made::from(made.into_inner())), String::new()),
        Err(status) => (None, complaint(status)?),
    };
    page(&console, (&visit, &guest), done).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PO-1: pages of the portal load pictures of the house only.
    #[test]
    fn pictures_are_of_the_house() {
        for (image, expected) in [
            ("/files/images/a", true),
            ("https://shop.example.com/files/images/a", true),
            ("https://shop.example.com.evil.example/a", false),
            ("//evil.example/a", false),
            ("https://elsewhere.example/a", false),
            ("", false),
        ] {
            assert_eq!(is_own(image, "shop.example.com"), expected, "{image}");
        }
    }
}
