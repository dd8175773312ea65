//! Makes a link to a file of what somebody has (OR-9).
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Error as Kit, Tx,
    audit::{self, Entry, json},
    failure::Violation,
    ids::{DownloadId, ProductFileId},
};
use proto::{
    catalog::v1::{ProductDescription, ProductFile},
    orders::v1::MakeDownloadRequest,
};

use super::{Download, store};
use crate::{
    error::Error,
    library::{Item, store as libraries, whose::Record},
};

/// How long a link is good, and how often, where nobody says.
const USUAL: (TimeDelta, i32) = (TimeDelta::hours(24), 5);
/// How long staff may make one good, in seconds.
const SECONDS: std::ops::RangeInclusive<u32> = 60..=2_592_000;
/// How often staff may.
const USES: std::ops::RangeInclusive<u32> = 1..=1_000;
/// Most links that are made for one customer in an hour.
const MOST: i64 = 120;

/// How long and how often a link is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    lasts: TimeDelta,
    most_uses: i32,
}

impl Terms {
    /// Reads what staff ask for; customers get what is usual.
    pub fn parse(request: &MakeDownloadRequest, staff: bool) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let mut read = |pointer, given: u32, range: &std::ops::RangeInclusive<u32>| {
            if given != 0 && (!staff || !range.contains(&given)) {
                let detail = format!("staff may say {} to {}", range.start(), range.end());
                faults.push(Violation::new(pointer, "out_of_range", detail));
            }
            given
        };
        let seconds = read("/expires_in", request.expires_in, &SECONDS);
        let uses = read("/most_uses", request.most_uses, &USES);
        if !faults.is_empty() {
            return Err(Kit::Invalid(faults).into());
        }
        let lasts = if seconds == 0 { USUAL.0 } else { TimeDelta::seconds(i64::from(seconds)) };
        let most_uses = if uses == 0 { USUAL.1 } else { i32::try_from(uses).unwrap_or(i32::MAX) };
        Ok(Self { lasts, most_uses })
    }
}

/// The file that is asked for: the only one, where none is named.
pub fn choose(known: &ProductDescription, named: &str) -> Result<ProductFile, Error> {
    match (known.files.as_slice(), named) {
        ([], _) => Err(Error::FileNotFound),
        ([only], "") => Ok(only.clone()),
        (_, "") => Err(Kit::from(Violation::new("/file", "required", "there are several files: say which")).into()),
        (files, named) => files.iter().find(|file| file.id == named).cloned().ok_or(Error::FileNotFound),
    }
}

/// Makes the link for `record`, who has `item`. Links are made one after the other for each customer.
pub async fn make(
    tx: &mut Tx,
    call: &Call,
    (record, item): (&Record, &Item),
    (file, terms): (&ProductFile, Terms),
    now: DateTime<Utc>,
) -> Result<Download, Error> {
    libraries::hold(tx, record.customer).await?;
    if store::made(tx, (record.realm, record.customer), now - TimeDelta::hours(1)).await? >= MOST {
        return Err(Error::TooManyDownloads);
    }
    let file_id: ProductFileId = file.id.parse().map_err(|_| Error::FileNotFound)?;
    let download = Download {
        realm: record.realm,
        id: DownloadId::new(now),
        store: item.store,
        customer: record.customer,
        product: item.product,
        file: file_id,
        file_name: file.name.clone(),
        made_by: call.actor()?.label(),
        most_uses: terms.most_uses,
        used: 0,
        // Links say whole seconds.
        expires_at: DateTime::from_timestamp((now + terms.lasts).timestamp(), 0).unwrap_or(now),
        created_at: now,
    };
    store::insert(tx, &download).await?;
    let after = json!({
        "download": download.id.to_string(), "product": item.product.to_string(), "file": file.id,
        "most_uses": download.most_uses, "expires_at": download.expires_at,
    });
    let entry = Entry::new("download.made", ("customer", record.customer), now).about(record.customer);
    audit::record(tx, call, entry.created(after))?;
    Ok(download)
}
