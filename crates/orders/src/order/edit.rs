//! Changes what was entered in an order, and records what was before (OR-2).
use chrono::{DateTime, Utc};
use kit::{
    Error as Kit, Tx,
    address::{self, Address},
    email::Email,
    failure::Violation,
    ids::OrderId,
    label,
};
use proto::{base::v1 as base, orders::v1 as pb};
use serde::{Deserialize, Serialize};

use super::{
    Doer, Order, Status,
    store::{record_changes, save},
    words,
};
use crate::error::Error;

/// Most tags of an order, and longest tag in characters.
const TAGS: (usize, usize) = (20, 50);

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name in the API.
    pub field: String,
    /// As it was; empty for nothing.
    pub before: String,
    /// As it is since then; empty for nothing.
    pub after: String,
}

/// What is to change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "an address is left as it is, taken away, or given")]
pub struct Edit {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    billing: Option<Option<Address>>,
    shipping: Option<Option<Address>>,
    note: Option<String>,
    tags: Option<Vec<String>>,
}

impl Edit {
    /// Reads a request, naming every fault.
    pub fn parse(request: pb::EditOrderRequest) -> Result<(OrderId, Self), Error> {
        let order = request.id.parse().map_err(|_| Error::OrderNotFound)?;
        let mut faults = Vec::new();
        let line = |at, given: Option<String>, longest, faults: &mut Vec<Violation>| {
            given.map(|given| address::line(at, &given, longest, faults))
        };
        let name = line("/name", request.name, address::LINE, &mut faults);
        let phone = line("/phone", request.phone, address::PHONE, &mut faults);
        let email = request.email.map(|email| email.trim().to_owned());
        if let Some(Err(error)) = email.as_deref().map(Email::parse) {
            faults.push(Violation::new("/email", "malformed", error.to_string()));
        }
        let mut place = |at, given: Option<base::Address>| {
            let given = given?;
            Some((given != base::Address::default()).then(|| Address::parse(&given, at, &mut faults)))
        };
        let billing = place("/billing_address", request.billing);
        let shipping = place("/shipping_address", request.shipping_address);
        let note = request.note.map(|note| words::several("/note", &note, words::NOTE, &mut faults));
        let tags = request.tags.map(|tags| tidy(tags.tags, &mut faults));
        if !faults.is_empty() {
            return Err(Kit::Invalid(faults).into());
        }
        Ok((order, Self { name, email, phone, billing, shipping, note, tags }))
    }

    /// Writes this to `order`; answers what is different by that.
    #[must_use]
    pub fn apply(self, order: &mut Order) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut change = |field: &str, before: String, after: String| {
            if before != after {
                changes.push(Change { field: field.to_owned(), before, after });
            }
        };
        let contact = &mut order.contact;
        let texts = [
            ("name", &mut contact.name, self.name),
            ("email", &mut contact.email, self.email),
            ("phone", &mut contact.phone, self.phone),
            ("note", &mut order.note, self.note),
        ];
        for (field, old, new) in texts {
            if let Some(new) = new {
                change(field, std::mem::replace(old, new.clone()), new);
            }
        }
        let places = [
            ("billing_address", &mut contact.billing, self.billing),
            ("shipping_address", &mut contact.shipping, self.shipping),
        ];
        for (field, old, new) in places {
            if let Some(new) = new {
                change(field, written(old.as_ref()), written(new.as_ref()));
                *old = new;
            }
        }
        if let Some(tags) = self.tags {
            change("tags", order.tags.join(", "), tags.join(", "));
            order.tags = tags;
        }
        changes
    }
}

/// An address on one line, with all that is in it.
fn written(address: Option<&Address>) -> String {
    let Some(address) = address else { return String::new() };
    let mut lines = label::lines(address);
    lines.extend(Some(base::Address::from(address.clone()).phone).filter(|phone| !phone.is_empty()));
    lines.join(", ")
}

/// Tags without what is said twice.
fn tidy(given: Vec<String>, faults: &mut Vec<Violation>) -> Vec<String> {
    let (most, longest) = TAGS;
    if given.len() > most {
        faults.push(Violation::new("/tags", "too_many", format!("at most {most} tags")));
        return Vec::new();
    }
    let mut tags: Vec<String> = Vec::new();
    for (i, tag) in given.into_iter().enumerate() {
        let tag = address::line(format!("/tags/{i}"), &tag, longest, faults);
        if tag.is_empty() {
            faults.push(Violation::new(format!("/tags/{i}"), "required", "a tag says something"));
        } else if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Applies `edit` to `order`, which is held, and records what was before. Answers the names of what changed.
pub async fn edit_order(
    tx: &mut Tx,
    order: &mut Order,
    edit: Edit,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<Vec<String>, Error> {
    if order.standing.status == Status::Cancelled {
        return Err(Error::OrderNotOpen);
    }
    let changes = edit.apply(order);
    if !changes.is_empty() {
        order.touch(now);
        record_changes(tx, order, ("edited", &changes), (doer, now)).await?;
        save(tx, order).await?;
    }
    Ok(changes.into_iter().map(|change| change.field).collect())
}

impl From<Change> for pb::FieldChange {
    fn from(change: Change) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}
