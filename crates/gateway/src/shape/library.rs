//! Libraries and downloads, as the API shows them (OR-8, OR-9).
use chrono::{DateTime, Utc};
use proto::{catalog::v1 as catalog, orders::v1 as pb};
use serde::Serialize;
use utoipa::ToSchema;

use super::{text, time};

/// A file that can be downloaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct LibraryFile {
    /// `pfl_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its media type, told by what it holds.
    pub r#type: String,
    /// Its length in bytes.
    pub size: i64,
}

impl From<catalog::ProductFile> for LibraryFile {
    fn from(file: catalog::ProductFile) -> Self {
        Self { id: file.id, name: file.name, r#type: file.media_type, size: file.size }
    }
}

/// A digital product that somebody has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Field recordings (album)", "description": "An hour of rain.",
    "image": "https://shop.example.com/album.jpg", "package": "file", "state": "active", "source": "purchase",
    "orders": ["ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"], "givers": [], "download_limit": 0, "until": null, "since": "2026-03-02T12:00:00Z",
    "files": [{"id": "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62", "name": "rain.mp3", "type": "audio/mpeg", "size": 482_113}],
}))]
pub struct OwnLibraryItem {
    /// `lib_…`.
    pub id: String,
    /// `prd_…`.
    pub product: String,
    /// Who sells it, `sto_…`.
    pub store: String,
    /// What it is called.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Address of its main image.
    pub image: Option<String>,
    /// `file`, `bundle` or `combo`.
    pub package: Option<String>,
    /// `active` or `expired`.
    pub state: String,
    /// How it came: `purchase`, `gift`, `manual`, or `access` for who has access to everything.
    pub source: String,
    /// Orders of one's own that it came by.
    pub orders: Vec<String>,
    /// First names of those who gave it, as far as they said theirs.
    pub givers: Vec<String>,
    /// How many downloads of each of its files there are in all; 0 for any number.
    pub download_limit: u32,
    /// Until when it is there; `null` for ever.
    pub until: Option<DateTime<Utc>>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// Its files.
    pub files: Vec<LibraryFile>,
}

impl From<pb::LibraryItem> for OwnLibraryItem {
    fn from(item: pb::LibraryItem) -> Self {
        let mut givers: Vec<String> =
            item.grounds.iter().filter_map(|ground| text(ground.giver_name.clone())).collect();
        givers.dedup();
        let mut orders: Vec<String> = item.grounds.into_iter().filter_map(|ground| text(ground.order)).collect();
        orders.dedup();
        Self {
            id: item.id,
            product: item.product,
            store: item.store,
            name: item.name,
            description: item.description,
            image: text(item.image),
            package: text(item.package),
            state: item.state,
            source: item.source,
            orders,
            givers,
            download_limit: item.download_limit,
            until: time(item.until),
            since: time(item.since),
            files: item.files.into_iter().map(Into::into).collect(),
        }
    }
}

/// A way in which something came to somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct LibraryGround {
    /// `purchase`, `gift`, `manual`, or `access` for who has access to everything.
    pub source: String,
    /// The order, `ord_…`.
    pub order: Option<String>,
    /// Its line, `line_…`.
    pub line: Option<String>,
    /// The bundle or combo that it came in, `prd_…`.
    pub inside: Option<String>,
    /// How many of it were bought and not given back.
    pub units: u32,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Why it was given.
    pub reason: Option<String>,
    /// Who bought it for them, `cus_…`.
    pub giver: Option<String>,
    /// The first name of that one.
    pub giver_name: Option<String>,
}

/// A digital product that a customer has, or had.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
    "product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "name": "Field recordings (album)", "description": "An hour of rain.", "image": null, "package": "file",
    "state": "active", "source": "manual", "grounds": [{"source": "manual", "order": null, "line": null, "inside": null,
    "units": 1, "at": "2026-03-02T12:00:00Z", "reason": "They won it.", "giver": null, "giver_name": null}], "download_limit": 3, "has_own_limit": true,
    "until": null, "note": "", "files": [], "since": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct LibraryItem {
    /// `lib_…`.
    pub id: String,
    /// `cus_…`.
    pub customer: String,
    /// `prd_…`.
    pub product: String,
    /// Who sells it, `sto_…`.
    pub store: String,
    /// What it is called.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Address of its main image.
    pub image: Option<String>,
    /// `file`, `bundle` or `combo`.
    pub package: Option<String>,
    /// `active`, `expired`, `refunded` or `revoked`.
    pub state: String,
    /// How it came: `purchase`, `gift`, `manual`, or `access` for who has access to everything.
    pub source: String,
    /// All ways in which it came that still count.
    pub grounds: Vec<LibraryGround>,
    /// How many downloads of each of its files there are in all; 0 for any number.
    pub download_limit: u32,
    /// Whether that was decided for this customer, and not for the product.
    pub has_own_limit: bool,
    /// Until when it is theirs; `null` for ever.
    pub until: Option<DateTime<Utc>>,
    /// Staff's own words.
    pub note: String,
    /// Its files.
    pub files: Vec<LibraryFile>,
    /// Since when it is theirs.
    pub since: Option<DateTime<Utc>>,
    /// Names of fields that are masked.
    pub redacted: Vec<String>,
}

impl From<pb::LibraryItem> for LibraryItem {
    fn from(item: pb::LibraryItem) -> Self {
        let ground = |ground: pb::LibraryGround| LibraryGround {
            source: ground.source,
            order: text(ground.order),
            line: text(ground.line),
            inside: text(ground.inside),
            units: ground.units,
            at: time(ground.at),
            reason: text(ground.reason),
            giver: text(ground.giver),
            giver_name: text(ground.giver_name),
        };
        Self {
            id: item.id,
            customer: item.customer,
            product: item.product,
            store: item.store,
            name: item.name,
            description: item.description,
            image: text(item.image),
            package: text(item.package),
            state: item.state,
            source: item.source,
            grounds: item.grounds.into_iter().map(ground).collect(),
            download_limit: item.download_limit,
            has_own_limit: item.has_own_limit,
            until: time(item.until),
            note: item.note,
            files: item.files.into_iter().map(Into::into).collect(),
            since: time(item.since),
            redacted: item.redacted,
        }
    }
}

/// A link to a file. Whoever has it may read the file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "dwn_01939b7e5d3c7a2c9d2f1e0b7c6a5d63", "most_uses": 5, "expires_at": "2026-03-03T12:00:00Z",
    "url": "https://shop.example.com/files/downloads/dwn_01939b7e5d3c7a2c9d2f1e0b7c6a5d63?expires=1772539200&signature=4a",
    "file": {"id": "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62", "name": "rain.mp3", "type": "audio/mpeg", "size": 482_113},
}))]
pub struct MadeDownload {
    /// `dwn_…`.
    pub id: String,
    /// Where the file is.
    pub url: String,
    /// The file.
    pub file: Option<LibraryFile>,
    /// How often the link is good; going on with a download that was broken off does not count anew.
    pub most_uses: u32,
    /// Until when it is good.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<pb::Download> for MadeDownload {
    fn from(made: pb::Download) -> Self {
        Self {
            id: made.id,
            url: made.url,
            file: made.file.map(Into::into),
            most_uses: made.most_uses,
            expires_at: time(made.expires_at),
        }
    }
}

/// A download: somebody at one address who reads a file within an hour, at once or in parts.
#[derive(Debug, Serialize, ToSchema)]
pub struct DownloadUse {
    /// The link, `dwn_…`.
    pub download: String,
    /// `prd_…`.
    pub product: String,
    /// `pfl_…`.
    pub file: String,
    /// What the file was called.
    pub name: String,
    /// Network address.
    pub ip: String,
    /// User agent.
    pub user_agent: String,
    /// How many requests it took.
    pub requests: u32,
    /// How many bytes were asked for.
    pub bytes: i64,
    /// Who made the link: `customer`, `shopper`, `staff` or `api_key`.
    pub made_by: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When the last part of it was asked for.
    pub last_at: Option<DateTime<Utc>>,
    /// Names of fields that are masked.
    pub redacted: Vec<String>,
}

impl From<pb::DownloadUse> for DownloadUse {
    fn from(one: pb::DownloadUse) -> Self {
        Self {
            download: one.download,
            product: one.product,
            file: one.file,
            name: one.name,
            ip: one.ip,
            user_agent: one.user_agent,
            requests: one.requests,
            bytes: one.bytes,
            made_by: one.made_by,
            started_at: time(one.started_at),
            last_at: time(one.last_at),
            redacted: one.redacted,
        }
    }
}

/// How one customer downloads one file.
#[derive(Debug, Serialize, ToSchema)]
pub struct DownloadPattern {
    /// `cus_…`.
    pub customer: String,
    /// `prd_…`.
    pub product: String,
    /// `pfl_…`.
    pub file: String,
    /// What the file was called last.
    pub name: String,
    /// How often it was downloaded.
    pub downloads: i64,
    /// How often within the last 30 days.
    pub recent: i64,
    /// From how many address ranges: /24 of IPv4, /48 of IPv6.
    pub ranges: i64,
    /// The most used of these.
    pub networks: Vec<String>,
    /// The first time.
    pub first_at: Option<DateTime<Utc>>,
    /// The last time.
    pub last_at: Option<DateTime<Utc>>,
    /// Whether it comes from more ranges within a week than one person is likely to be in.
    pub unusual: bool,
    /// Names of fields that are masked.
    pub redacted: Vec<String>,
}

impl From<pb::DownloadPattern> for DownloadPattern {
    fn from(one: pb::DownloadPattern) -> Self {
        Self {
            customer: one.customer,
            product: one.product,
            file: one.file,
            name: one.name,
            downloads: one.downloads,
            recent: one.recent,
            ranges: one.ranges,
            networks: one.networks,
            first_at: time(one.first_at),
            last_at: time(one.last_at),
            unusual: one.unusual,
            redacted: one.redacted,
        }
    }
}
