//! Which carts a list shows (CA-3).
use chrono::{DateTime, SecondsFormat, Utc};
use kit::{
    actor::Actor,
    denied::Denied,
    failure::Violation,
    ids::{CartId, CustomerId, RealmId, StoreId},
    page::Page,
    permission::Permission,
};
use proto::{base::v1::Filter, carts::v1::ListCartsRequest};

use super::filter::{self, Test};
use crate::{
    Error,
    cart::{Cart, Status},
};

/// Which carts a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Customer base.
    pub realm: RealmId,
    /// Only what buys from this store.
    pub store: Option<StoreId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only those that stand there.
    pub status: Option<Status>,
    /// What else must hold.
    pub(super) tests: Vec<Test>,
    /// In which order.
    pub(super) sort: Sort,
    /// When expiry is judged.
    pub now: DateTime<Utc>,
}

impl Query {
    /// Whether it is all that one customer has: everybody's has the same plan, and planning it anew takes longer than reading
    /// it.
    pub(super) fn is_of_one(&self) -> bool {
        self.customer.is_some() && self.status.is_none() && self.tests.is_empty()
    }
}

/// An order of a list; ids end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    by_change: bool,
    descending: bool,
}

impl Sort {
    /// Reads names of fields; newest first without any.
    fn parse(names: &[String]) -> Result<Self, Violation> {
        let fault = || Violation::new("/sort", "unknown", "carts are sorted by created_at or updated_at");
        let name = match names {
            [] => "-created_at",
            [name] => name.as_str(),
            _ => return Err(fault()),
        };
        let (name, descending) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        match name {
            "created_at" => Ok(Self { by_change: false, descending }),
            "updated_at" => Ok(Self { by_change: true, descending }),
            _ => Err(fault()),
        }
    }

    pub(super) fn column(self) -> &'static str {
        if self.by_change { "c.updated_at" } else { "c.created_at" }
    }

    /// Whether `page` reads from late to early.
    pub(super) fn descends(self, page: &Page) -> bool {
        self.descending == page.is_forward()
    }
}

impl Query {
    /// What `actor` asks for: staff of their store or network, customers of their own.
    pub fn parse(request: &ListCartsRequest, actor: &Actor, now: DateTime<Utc>) -> Result<Self, Error> {
        let staff = actor.is_staff();
        let own = actor.customer();
        if staff {
            actor.require(Permission::CartsRead)?;
        } else if own.is_none() {
            return Err(Denied::Unauthenticated.into());
        }
        let named = Some(&request.customer).filter(|id| !id.is_empty()).map(|id| id.parse()).transpose();
        let named = named.map_err(|_| Violation::new("/customer", "malformed", "this is not the id of a customer"))?;
        if !staff && named.is_some() && named != own {
            return Err(Error::CartNotFound);
        }
        let status = Some(request.status.as_str()).filter(|slug| !slug.is_empty());
        let unknown = || Violation::new("/status", "unknown", "the status must be open, closed or expired");
        let status = status.map(|slug| Status::parse(slug).ok_or_else(unknown)).transpose()?;
        let (tests, sort) = (filter::parse(request.filter.as_ref())?, Sort::parse(&request.sort)?);
        Ok(Self { realm: actor.realm()?, store: actor.store, customer: own.or(named), status, tests, sort, now })
    }

    /// The open carts of a customer base, or of one store, for which `filter` holds; newest first.
    pub fn open(
        (realm, store): (RealmId, Option<StoreId>),
        filter: Option<&Filter>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let (tests, sort) = (filter::parse(filter)?, Sort::parse(&[])?);
        Ok(Self { realm, store, customer: None, status: Some(Status::Open), tests, sort, now })
    }

    /// Everything that a cursor of this list depends on.
    #[must_use]
    pub fn context(&self) -> String {
        let Self { realm, store, customer, status, tests, sort, .. } = self;
        format!("carts {realm} {store:?} {customer:?} {status:?} {tests:?} {sort:?}")
    }

    /// A row's place in the list.
    #[must_use]
    pub fn key(&self, cart: &Cart) -> Vec<String> {
        let at = if self.sort.by_change { cart.updated_at } else { cart.created_at };
        vec![at.to_rfc3339_opts(SecondsFormat::Micros, true), cart.id.to_string()]
    }

    /// The place where `page` goes on.
    pub fn place(&self, page: &Page) -> Result<Option<(DateTime<Utc>, CartId)>, Error> {
        let Some(cursor) = &page.cursor else { return Ok(None) };
        let place = match cursor.key.as_slice() {
            [at, id] => at.parse().ok().zip(id.parse().ok()),
            _ => None,
        };
        let place = place.ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not of this list"))?;
        Ok(Some(place))
    }
}
