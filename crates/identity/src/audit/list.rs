//! A list of entries as it was asked for.
use chrono::{DateTime, Utc};
use kit::{
    Error as KitError,
    actor::Actor,
    clock::datetime,
    failure::Violation,
    ids::{CustomerId, RealmId, StoreId},
    page::{Page, Pager},
};
use proto::identity::v1 as pb;

use super::Entry;
use crate::Error;

/// The longest text that is compared with.
const LONGEST: usize = 200;

/// Where a page starts: the moment and the number of an entry.
pub type From = (DateTime<Utc>, i64);

/// Which entries.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the proto's EntryFilter")]
pub struct Filter {
    pub realm: RealmId,
    /// Staff of a store of a network see what was done in that store.
    pub store: Option<StoreId>,
    pub customer: Option<CustomerId>,
    pub actor: String,
    pub impersonator: String,
    pub action: String,
    pub target: String,
    pub ip: String,
    pub request_id: String,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Filter {
    /// Reads what `actor` asks for.
    pub fn parse(filter: pb::EntryFilter, actor: &Actor) -> Result<Self, Error> {
        let texts = [
            ("/actor", &filter.actor),
            ("/impersonator", &filter.impersonator),
            ("/action", &filter.action),
            ("/target", &filter.target),
            ("/ip", &filter.ip),
            ("/request_id", &filter.request_id),
        ];
        let faulty = |text: &&(_, &String)| text.1.chars().count() > LONGEST || text.1.chars().any(char::is_control);
        let faults = texts.iter().filter(faulty);
        let faults = faults.map(|(pointer, _)| Violation::new(*pointer, "malformed", "this is too long, or no text"));
        let faults: Vec<_> = faults.collect();
        if !faults.is_empty() {
            return Err(KitError::Invalid(faults).into());
        }
        if !filter.ip.is_empty() && !actor.sees_pii() {
            return Err(Error::PiiRequired("ip"));
        }
        // A customer is found in every entry that concerns them, whatever it was done to.
        let customer = filter.target.parse().ok();
        Ok(Self {
            realm: actor.realm()?,
            store: actor.store.filter(|_| actor.network.is_some()),
            target: if customer.is_some() { String::new() } else { filter.target },
            customer,
            actor: filter.actor,
            impersonator: filter.impersonator,
            action: filter.action,
            // As addresses are written when they are kept.
            ip: filter.ip.parse().map_or(filter.ip, |ip: std::net::IpAddr| ip.to_string()),
            request_id: filter.request_id,
            since: filter.from.as_ref().and_then(datetime),
            until: filter.to.as_ref().and_then(datetime),
        })
    }
}

/// Which page of which entries.
pub struct ListEntries {
    /// Which entries.
    pub filter: Filter,
    /// Which page of them.
    pub page: Page,
    /// The row it starts at.
    pub from: Option<From>,
    context: String,
}

impl ListEntries {
    /// Reads the request of `actor`.
    pub fn parse(request: pb::ListEntriesRequest, actor: &Actor, pager: &Pager) -> Result<Self, Error> {
        let filter = Filter::parse(request.filter.unwrap_or_default(), actor)?;
        let context = format!("audit {filter:?}");
        let page = pager.read(request.page.as_ref(), &context)?;
        let from = page.cursor.as_ref().map(|cursor| place(&cursor.key)).transpose()?;
        Ok(Self { filter, page, from, context })
    }

    /// The page made of `rows`.
    #[must_use]
    pub fn finish(&self, pager: &Pager, rows: Vec<Entry>) -> (Vec<Entry>, proto::base::v1::Page) {
        let key = |entry: &Entry| vec![entry.at.timestamp_micros().to_string(), entry.number.to_string()];
        pager.finish(&self.page, rows, &self.context, key)
    }
}

fn place(key: &[String]) -> Result<From, KitError> {
    let read = |key: &[String]| {
        let [at, number] = key else { return None };
        Some((DateTime::from_timestamp_micros(at.parse().ok()?)?, number.parse().ok()?))
    };
    read(key).ok_or_else(|| KitError::Internal("a sealed cursor cannot be read".to_owned()))
}
