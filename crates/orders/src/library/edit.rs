//! Changes how somebody may use what they have, and the note about it (OR-8).
use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, audit::json, clock::datetime, ids::ProductId};
use proto::orders::v1::EditLibraryItemRequest;

use super::{
    Entry, Item, What,
    grant::{Deed, limit, until},
};
use crate::{error::Error, order::words};

/// Changes; what is `None` stays.
#[derive(Clone, Debug)]
#[expect(clippy::option_option, reason = "a limit is left as it is, taken away, or given")]
pub struct Edit {
    note: Option<String>,
    downloads: Option<Option<u32>>,
    until: Option<Option<DateTime<Utc>>>,
    reason: String,
}

impl Edit {
    /// Reads a request at `now`, naming every fault.
    pub fn parse(request: &EditLibraryItemRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let note = request.note.as_ref().map(|note| words::several("/note", note, words::REASON, &mut faults));
        let given = limit(request.download_limit, &mut faults).map(Some);
        let end = until(request.until.as_ref().and_then(datetime), now, &mut faults).map(Some);
        let reason = words::needed("/reason", &request.reason, &mut faults);
        if !faults.is_empty() {
            return Err(Kit::Invalid(faults).into());
        }
        let downloads = given.or_else(|| request.no_download_limit.then_some(None));
        let until = end.or_else(|| request.no_until.then_some(None));
        Ok(Self { note, downloads, until, reason })
    }
}

/// Changes `item`, which is held.
pub async fn edit(tx: &mut Tx, deed: &Deed<'_>, item: &Item, edit: Edit) -> Result<(), Error> {
    let mut terms = item.terms.clone();
    terms.note = edit.note.unwrap_or(terms.note);
    terms.downloads = edit.downloads.unwrap_or(terms.downloads);
    terms.until = edit.until.unwrap_or(terms.until);
    if terms == item.terms {
        return Ok(());
    }
    let product: ProductId = item.product;
    let blank = deed.entry((item.store, product), What::Edit)?;
    let entry = Entry { name: item.name.clone(), terms, reason: edit.reason, ..blank };
    let after = json!({
        "product": product.to_string(), "download_limit": entry.terms.downloads, "until": entry.terms.until,
        "noted": entry.terms.note != item.terms.note,
    });
    deed.carry_out(tx, &entry, ("library.edited", after)).await
}
