//! A list as it was asked for.
use chrono::{DateTime, Utc};
use kit::{actor::Actor, failure::Violation, ids::CustomerId, page::Cursor};
use proto::customers::v1 as pb;

use super::{
    field::{Field, Kind},
    filter::Filter,
    reading::Reading,
    search::Search,
    sort::{NEVER, Sort},
};
use crate::{Error, customer::Scope, segment::Saved};

/// Which customers, in which order.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose list.
    pub scope: Scope,
    /// What is looked for.
    pub search: Option<Search>,
    /// What must hold.
    pub filter: Option<Filter>,
    /// The order.
    pub sort: Sort,
    /// The filter as it was asked for, with the versions of the segments it names: it stays the same while time goes on.
    asked: String,
}

impl Query {
    /// Reads a request of `actor`, with the segments that it names.
    pub fn parse(
        request: &pb::ListCustomersRequest,
        actor: &Actor,
        saved: &Saved,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let pii = actor.sees_pii();
        let reading = Reading { pii, now, saved: Some(saved) };
        let mut versions: Vec<_> = saved.values().map(|segment| (segment.id, segment.version)).collect();
        versions.sort_unstable();
        Ok(Self {
            scope: Scope::of(actor)?,
            search: Search::parse(&request.query, pii)?,
            filter: request.filter.as_ref().map(|filter| Filter::parse(filter, &reading)).transpose()?,
            sort: Sort::parse(&request.sort, pii)?,
            asked: format!("{:?} {versions:?}", request.filter),
        })
    }

    /// A list that nobody pages through.
    #[must_use]
    pub const fn of(scope: Scope, search: Option<Search>, filter: Option<Filter>, sort: Sort) -> Self {
        Self { scope, search, filter, sort, asked: String::new() }
    }

    /// Whether those that the filter leaves may all stand far down a list of the newest, where the planner takes them to
    /// be spread evenly: who bought much has been there for long.
    #[must_use]
    pub fn leans(&self) -> bool {
        self.filter.as_ref().is_some_and(Filter::leans)
    }

    /// Whether the filter asks for nothing but how often those bought who did so more than once.
    #[must_use]
    pub fn is_of_repeaters(&self) -> bool {
        self.filter.as_ref().is_some_and(Filter::is_of_repeaters)
    }

    /// Everything a cursor is bound to.
    #[must_use]
    pub fn context(&self) -> String {
        format!("customers {:?} {:?} {:?} {}", self.scope, self.search, self.sort, self.asked)
    }

    /// Checks that a cursor's values are what this order compares with.
    pub fn check(&self, cursor: Option<&Cursor>) -> Result<(), Violation> {
        let Some(cursor) = cursor else { return Ok(()) };
        let terms = self.sort.terms();
        let fits = cursor.key.len() == terms.len()
            && terms.iter().zip(&cursor.key).all(|(term, value)| fits(term.field, value));
        let pointer = if cursor.forward { "/after" } else { "/before" };
        if fits { Ok(()) } else { Err(Violation::new(pointer, "bad_cursor", "this cursor is not valid for this list")) }
    }
}

fn fits(field: Field, value: &str) -> bool {
    match field.kind() {
        Kind::Number => value.parse::<i64>().is_ok(),
        Kind::Time | Kind::Happening => value == NEVER || chrono::DateTime::parse_from_rfc3339(value).is_ok(),
        Kind::Id => value.parse::<CustomerId>().is_ok(),
        _ => true,
    }
}
