//! Gives somebody a product: as staff, or as a gift (OR-8).
use chrono::{DateTime, Utc};
use kit::{
    Call, Error as Kit, Tx,
    audit::{self, Entry as Audited, json},
    clock::datetime,
    failure::Violation,
    ids::{CustomerId, ProductId, RealmId, StoreId},
    outbox,
};
use proto::{catalog::v1::ProductDescription, orders::v1::GrantLibraryItemRequest};

use super::{Entry, What, entry::Terms, rebuild::Repaired, store, told::told};
use crate::{error::Error, order::words};

/// Most downloads that somebody is given of each file.
pub const DOWNLOADS: u32 = 10_000;

/// Something to give.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What.
    pub product: ProductId,
    what: What,
    terms: Terms,
    reason: String,
}

/// Where something is done, by whom and when.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// Customer base.
    pub realm: RealmId,
    /// Whose library.
    pub customer: CustomerId,
    /// The call.
    pub call: &'a Call,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Grant {
    /// Reads a request at `now`, naming every fault.
    pub fn parse(request: &GrantLibraryItemRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let product = request.product.parse().map_err(|_| Error::ProductNotFound)?;
        let mut faults = Vec::new();
        let what = match request.source.as_str() {
            "" | "manual" => What::Grant,
            "gift" => What::Gift,
            _ => {
                faults.push(Violation::new("/source", "unknown", "source is manual or gift"));
                What::Grant
            }
        };
        let terms = Terms {
            downloads: limit(request.download_limit, &mut faults),
            until: until(request.until.as_ref().and_then(datetime), now, &mut faults),
            note: words::several("/note", &request.note, words::REASON, &mut faults),
        };
        let reason = words::needed("/reason", &request.reason, &mut faults);
        if faults.is_empty() { Ok(Self { product, what, terms, reason }) } else { Err(Kit::Invalid(faults).into()) }
    }
}

/// How many downloads are given.
pub(super) fn limit(given: Option<u32>, faults: &mut Vec<Violation>) -> Option<u32> {
    if given.is_some_and(|limit| limit > DOWNLOADS) {
        faults.push(Violation::new("/download_limit", "out_of_range", "at most 10000, or 0 for any number"));
    }
    given
}

/// An end, which lies ahead.
pub(super) fn until(
    given: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    faults: &mut Vec<Violation>,
) -> Option<DateTime<Utc>> {
    if given.is_some_and(|until| until <= now) {
        faults.push(Violation::new("/until", "out_of_range", "this is over already"));
    }
    given
}

impl Deed<'_> {
    /// An entry of the ledger about `product`.
    pub(super) fn entry(&self, (store, product): (StoreId, ProductId), what: What) -> Result<Entry, Error> {
        Ok(Entry {
            realm: self.realm,
            position: 0,
            store,
            customer: self.customer,
            origin: self.customer.uuid(),
            product,
            root: product,
            what,
            order: None,
            line: None,
            giver: None,
            units: 0,
            units_back: 0,
            name: String::new(),
            terms: Terms::default(),
            reason: String::new(),
            origins: Vec::new(),
            actor: self.call.actor()?.label(),
            at: self.now,
        })
    }

    /// Enters `entry`, and tells and records it as `action`, with what it says.
    pub(super) async fn carry_out(
        &self,
        tx: &mut Tx,
        entry: &Entry,
        (action, after): (&'static str, serde_json::Value),
    ) -> Result<(), Error> {
        store::enter(tx, entry).await?;
        let whose = (self.realm, entry.store, self.customer);
        outbox::publish(tx, &told(whose, (entry.what, None), &[entry.product], self.now));
        let audited = Audited::new(action, ("customer", self.customer), self.now).about(self.customer);
        Ok(audit::record(tx, self.call, audited.because(&entry.reason).created(after))?)
    }
}

impl Deed<'_> {
    /// Records that a library was made anew, and what came of it.
    pub(super) fn record_rebuild(&self, tx: &mut Tx, repaired: Repaired) -> Result<(), Error> {
        let after = json!({ "restored": repaired.restored, "corrected": repaired.corrected });
        let entry = Audited::new("library.rebuilt", ("customer", self.customer), self.now).about(self.customer);
        Ok(audit::record(tx, self.call, entry.created(after))?)
    }
}

/// Gives what `known` describes.
pub async fn grant(tx: &mut Tx, deed: &Deed<'_>, grant: Grant, known: &ProductDescription) -> Result<(), Error> {
    if known.kind != "digital" {
        return Err(Error::NotDigital);
    }
    let seller = known.store.parse().map_err(|_| Error::ProductNotFound)?;
    store::hold(tx, deed.customer).await?;
    let entry = Entry {
        name: known.name.clone(),
        terms: grant.terms,
        reason: grant.reason,
        ..deed.entry((seller, grant.product), grant.what)?
    };
    let after = json!({
        "product": grant.product.to_string(), "source": entry.what.slug(), "download_limit": entry.terms.downloads,
        "until": entry.terms.until,
    });
    deed.carry_out(tx, &entry, ("library.granted", after)).await?;
    // What is inside comes along; each is an item of its own.
    for part in known.inside.iter().filter_map(|part| part.parse::<ProductId>().ok()) {
        store::enter(tx, &Entry { product: part, reason: String::new(), name: String::new(), ..entry.clone() }).await?;
    }
    Ok(())
}
