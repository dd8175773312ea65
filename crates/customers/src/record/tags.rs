//! Tags: added and taken away, never overwritten (CU-11).
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kit::{Call, Tx, audit::Entry, ids::CustomerId};
use proto::customers::v1 as pb;

use super::told::{record, told};
use crate::{
    Error,
    customer::{Customer, Scope, register::save, store},
    fields::Fields,
    key::Keys,
};

/// Longest tag, in characters.
const LONGEST: usize = 50;
/// Most tags of a customer, and most in a request.
pub const MOST: usize = 50;

/// Tags to add and to take away.
#[derive(Clone, Debug)]
pub struct ChangeTags {
    scope: Scope,
    customer: CustomerId,
    add: Vec<String>,
    remove: Vec<String>,
    now: DateTime<Utc>,
}

impl ChangeTags {
    /// Reads a request in `scope`.
    pub fn parse(request: &pb::ChangeTagsRequest, scope: Scope, now: DateTime<Utc>) -> Result<Self, Error> {
        let customer = request.id.parse().map_err(|_| Error::CustomerNotFound)?;
        let mut fields = Fields::default();
        let add = parse("/add", &request.add, &mut fields);
        let remove = parse("/remove", &request.remove, &mut fields);
        fields.finish()?;
        Ok(Self { scope, customer, add, remove, now })
    }
}

/// Reads tags: lines that say something.
pub fn parse(pointer: &'static str, tags: &[String], fields: &mut Fields) -> Vec<String> {
    if tags.len() > MOST {
        fields.fault(pointer, "too_many", "at most 50 tags");
    }
    let tags: Vec<_> = tags.iter().take(MOST).map(|tag| fields.line(pointer, tag, LONGEST)).collect();
    if tags.iter().any(String::is_empty) {
        fields.fault(pointer, "required", "a tag cannot be empty");
    }
    tags
}

/// The customer with the tags since. The record is locked, so that nobody's tags are lost.
pub async fn change_tags(tx: &mut Tx, (call, keys): (&Call, &Keys), input: ChangeTags) -> Result<Customer, Error> {
    let mut customer = store::lock_in(tx, input.scope, input.customer).await?.ok_or(Error::CustomerNotFound)?;
    let before = told(&customer);
    let fields = customer.retag(&input.add, &input.remove)?;
    customer.touch_if(&fields, input.now);
    save(tx, &customer, &fields).await?;
    if !fields.is_empty() {
        let entry = Entry::new("customer.tagged", ("customer", customer.id), input.now);
        record(tx, (call, keys), &customer, entry.changed(before, told(&customer))).await?;
    }
    Ok(customer)
}

impl Customer {
    /// Adds tags and takes others away; one that is in both lists goes. The names of the fields that changed.
    pub fn retag(&mut self, add: &[String], remove: &[String]) -> Result<Vec<&'static str>, Error> {
        let mut tags: BTreeSet<String> = self.tags.iter().chain(add).cloned().collect();
        tags.retain(|tag| !remove.contains(tag));
        let tags: Vec<String> = tags.into_iter().collect();
        if tags == self.tags {
            return Ok(Vec::new());
        }
        if tags.len() > MOST {
            return Err(Error::TooManyTags);
        }
        self.tags = tags;
        Ok(vec!["tags"])
    }
}
