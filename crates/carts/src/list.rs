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
use proto::carts::v1::ListCartsRequest;

use crate::{
    Error,
    cart::{Cart, Status},
};

/// Which carts a list shows, newest first.
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
    /// When expiry is judged.
    pub now: DateTime<Utc>,
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
        Ok(Self { realm: actor.realm()?, store: actor.store, customer: own.or(named), status, now })
    }

    /// Everything that a cursor of this list depends on.
    #[must_use]
    pub fn context(&self) -> String {
        format!("carts {} {:?} {:?} {:?}", self.realm, self.store, self.customer, self.status)
    }

    /// A row's place in the list.
    #[must_use]
    pub fn key(cart: &Cart) -> Vec<String> {
        vec![cart.created_at.to_rfc3339_opts(SecondsFormat::Micros, true), cart.id.to_string()]
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
