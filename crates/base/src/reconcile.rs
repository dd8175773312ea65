//! What both sides of a reconciliation speak: places in a table, facts in the form of their events, claims, findings.
use std::{fmt, str::FromStr};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use prost::{Message, Name};
use prost_types::Timestamp;
use proto::base::v1::{Claim, Discrepancy};
use uuid::Uuid;

use crate::{clock, failure::Violation};

/// Most facts, claims or rows of one page.
pub const PAGE: u32 = 250;

/// A row's place in its table, which is in the order of its key: tenant, then id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Place {
    /// Customer base.
    pub realm_id: Uuid,
    /// Row.
    pub id: Uuid,
}

impl FromStr for Place {
    type Err = Violation;

    /// The empty text is the place before all rows.
    fn from_str(text: &str) -> Result<Self, Violation> {
        let malformed = || Violation::new("/after", "malformed", "no answer named this place");
        if text.is_empty() {
            return Ok(Self::default());
        }
        let (realm, id) = text.split_once('/').ok_or_else(malformed)?;
        match (realm.parse(), id.parse()) {
            (Ok(realm_id), Ok(id)) => Ok(Self { realm_id, id }),
            _ => Err(malformed()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.realm_id.simple(), self.id.simple())
    }
}

/// How many rows a page is to have.
pub fn limit(wanted: u32) -> Result<i64, Violation> {
    match wanted {
        0 => Ok(PAGE.into()),
        limit @ 1..=PAGE => Ok(limit.into()),
        _ => Err(Violation::new("/limit", "out_of_range", "limit must be 1 to 250")),
    }
}

/// Passes when there are no more `items` than a page has.
pub fn bounded<T>(items: &[T]) -> Result<(), Violation> {
    limit(u32::try_from(items.len()).unwrap_or(u32::MAX)).map(|_| ())
}

/// The moment until which facts count.
pub fn until(at: Option<&Timestamp>) -> Result<DateTime<Utc>, Violation> {
    at.and_then(clock::datetime).ok_or_else(|| Violation::new("/until", "required", "say until when"))
}

/// Where to go on after a page: its `last` row, unless it was not full.
#[must_use]
pub fn next(found: usize, limit: i64, last: Option<impl fmt::Display>) -> String {
    let full = i64::try_from(found).is_ok_and(|found| found >= limit);
    last.filter(|_| full).map(|place| place.to_string()).unwrap_or_default()
}

/// An event as a fact.
#[must_use]
pub fn fact<E: Message>(event: &E) -> Bytes {
    event.encode_to_vec().into()
}

/// Facts as the events they are.
pub fn events<E: Message + Name + Default>(facts: &[Bytes]) -> Result<Vec<E>, Violation> {
    bounded(facts)?;
    let events = facts.iter().map(|fact| E::decode(fact.clone())).collect::<Result<_, _>>();
    events.map_err(|_| Violation::new("/facts", "malformed", format!("these are not all {}", E::full_name())))
}

/// The fault of asking about an event that a service knows nothing of.
#[must_use]
pub fn unknown_event() -> Violation {
    Violation::new("/event", "unknown", "nothing is derived from this event here")
}

/// The UUID of an id of any kind, such as `ord_…`; none for an empty text.
pub fn uuid(id: &str) -> Result<Option<Uuid>, Violation> {
    if id.is_empty() {
        return Ok(None);
    }
    let digits = id.rsplit_once('_').and_then(|(_, digits)| Uuid::try_parse(digits).ok());
    digits.map(Some).ok_or_else(|| Violation::new("/", "malformed", "this is not an id"))
}

/// The UUID of an id that has to be there.
pub fn required(id: &str) -> Result<Uuid, Violation> {
    uuid(id)?.ok_or_else(|| Violation::new("/", "required", "an id is missing"))
}

/// Claims by column, as statements take them.
#[derive(Debug, Default)]
pub struct Claims {
    /// Customer bases.
    pub realms: Vec<Uuid>,
    /// What is said to be there.
    pub ids: Vec<Option<Uuid>>,
    /// Whose it is.
    pub customers: Vec<Option<Uuid>>,
    /// What it is about.
    pub abouts: Vec<Option<Uuid>>,
}

impl Claims {
    /// Reads claims.
    pub fn parse(claims: &[Claim]) -> Result<Self, Violation> {
        bounded(claims)?;
        let mut all = Self::default();
        for claim in claims {
            all.realms.push(required(&claim.realm)?);
            all.ids.push(uuid(&claim.id)?);
            all.customers.push(uuid(&claim.customer)?);
            all.abouts.push(uuid(&claim.about)?);
        }
        Ok(all)
    }
}

/// Something found by a statement that numbers what it was given from 1.
#[must_use]
pub fn discrepancy(kind: &str, id: impl Into<String>, ordinal: i64, repaired: bool) -> Discrepancy {
    let subject = u32::try_from(ordinal - 1).unwrap_or_default();
    Discrepancy { kind: kind.to_owned(), id: id.into(), subject, repaired }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back() {
        let place = Place { realm_id: Uuid::from_u128(7), id: Uuid::from_u128(9) };
        assert_eq!(place.to_string().parse(), Ok(place));
        assert_eq!("".parse(), Ok(Place::default()));
        for wrong in ["x", "1/2", "/", &format!("{place}0")] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        assert_eq!((next(2, 2, Some("b")), next(1, 2, Some("a"))), ("b".to_owned(), String::new()));
    }

    #[test]
    fn pages_are_bounded() {
        assert_eq!((limit(0), limit(3)), (Ok(250), Ok(3)));
        assert!(limit(251).is_err() && bounded(&[(); 251]).is_err());
    }
}
