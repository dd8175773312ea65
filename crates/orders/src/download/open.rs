//! Uses a link (OR-9): it ends, it counts, and it is dead with what it is for.
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use kit::{Call, Tx, call::Client, ids::DownloadId};
use proto::catalog::v1::{OpenProductFileRequest, OpenedProductFile};

use super::{
    Download,
    download::{Allowance, Use, counted},
    store,
};
use crate::{
    error::Error,
    library::{Item, goods::Goods, library, library::State, store as libraries},
};

/// What is known of a file that is downloaded.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// How many bytes it has.
    pub size: i64,
    /// How many downloads of it a buyer has, as the product says; 0 for any number.
    pub limit: u32,
    /// Whether it is had with everything, whatever the ledger says.
    pub access: bool,
}

/// What the link leads to at `now`, as the ledger of its customer has it, unless it has ended.
pub async fn item(
    db: impl sqlx::PgExecutor<'_>,
    download: &Download,
    now: DateTime<Utc>,
) -> Result<Option<Item>, Error> {
    if download.expires_at <= now {
        return Err(Error::LinkExpired);
    }
    let whose = (download.realm, download.customer);
    let items = library(&libraries::of_product(db, whose, download.product).await?);
    Ok(items.into_iter().find(|item| item.product == download.product))
}

/// The file of the link as it is now, with what it takes to read it.
pub async fn file(goods: &Goods, call: &Call, download: &Download) -> Result<OpenedProductFile, Error> {
    let request = OpenProductFileRequest {
        product: download.product.into(),
        id: download.file.into(),
        store: download.store.into(),
    };
    goods.open(call, request).await?.ok_or(Error::LinkDead)
}

/// Counts a request of `client` for `length` bytes. Of requests that come at once each sees what the others did, whichever
/// link of the customer they came by.
pub async fn count(
    tx: &mut Tx,
    id: DownloadId,
    client: &Client,
    (length, file): (i64, File),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let found = store::find(&mut **tx, id).await?.ok_or(Error::DownloadNotFound)?;
    libraries::hold(tx, found.customer).await?;
    let download = store::hold(tx, id).await?.ok_or(Error::DownloadNotFound)?;
    let item = item(&mut **tx, &download, now).await?;
    if !file.access && item.as_ref().is_none_or(|item| item.state(now) != State::Active) {
        return Err(Error::LinkDead);
    }
    // Nobody is told apart by what is no address.
    let ip = client.ip.parse::<IpAddr>().map(|ip| ip.to_string()).unwrap_or_default();
    let last = store::sitting(tx, &download, &ip).await?;
    let allowance = Allowance {
        used: download.used,
        most_uses: download.most_uses,
        taken: store::taken(tx, (download.realm, download.customer), download.file).await?,
        limit: item.and_then(|item| item.terms.downloads).unwrap_or(file.limit),
    };
    match (counted(last, (length, file.size), allowance, now), last) {
        (Use::More, Some(last)) => store::go_on(tx, download.realm, last.position, (length, now)).await,
        (Use::Refused, _) => Err(Error::DownloadsUsedUp),
        _ => store::begin(tx, &download, (&ip, &client.agent), (length, now)).await,
    }
}
