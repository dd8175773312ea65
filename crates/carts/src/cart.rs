//! A cart and its rules (CA-2): what may be in it, when it may change, when it expires.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    ids::{CartId, CustomerId, LineId, OrderId, ProductId, RealmId, StoreId},
    money::Currency,
};
use proto::carts::v1 as pb;
use uuid::Uuid;

use crate::{
    Error,
    contact::Contact,
    name::ClientKey,
    offer::{Offer, Shown},
    quantity::Quantity,
};

/// The most lines of a cart.
pub const MOST_LINES: usize = 100;

/// Where a cart stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It can change.
    Open,
    /// It became an order.
    Closed,
    /// Nobody touched it for too long.
    Expired,
}

impl Status {
    /// As the API and the database write it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Expired => "expired",
        }
    }

    /// Reads a slug.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::Expired].into_iter().find(|status| status.slug() == slug)
    }
}

/// The key that opened a cart: a store's, or a network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    /// Customer base.
    pub realm: RealmId,
    /// The store, unless it was a network's key.
    pub store: Option<StoreId>,
}

impl Front {
    /// The place where a client's own keys are unique.
    #[must_use]
    pub fn id(self) -> Uuid {
        self.store.map_or(self.realm.uuid(), StoreId::uuid)
    }
}

/// A cart.
#[derive(Clone, Debug, PartialEq)]
pub struct Cart {
    pub(crate) id: CartId,
    pub(crate) realm: RealmId,
    pub(crate) front: Uuid,
    pub(crate) client_key: Option<ClientKey>,
    /// Store and its currency; unknown until the first line of a cart that a network's key opened.
    pub(crate) shop: Option<(StoreId, Currency)>,
    pub(crate) customer: Option<CustomerId>,
    /// Whether that customer said so themselves, signed in; an e-mail that somebody typed proves nothing.
    pub(crate) claimed: bool,
    pub(crate) status: Status,
    pub(crate) order: Option<OrderId>,
    pub(crate) contact: Option<Contact>,
    pub(crate) lines: Vec<Line>,
    pub(crate) version: i64,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A product and how many of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub(crate) id: LineId,
    pub(crate) position: i32,
    pub(crate) product: ProductId,
    pub(crate) quantity: Quantity,
    /// As it was shown after the last change, or bought.
    pub(crate) shown: Shown,
}

/// How a request names a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineName {
    /// `line_…`.
    Line(LineId),
    /// `prd_…` of its product.
    Product(ProductId),
}

impl LineName {
    /// Reads the name of a line; what is none names no line.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let line = text.parse().map(Self::Line);
        line.or_else(|_| text.parse().map(Self::Product)).map_err(|_| Error::LineNotFound)
    }

    fn names(self, line: &Line) -> bool {
        match self {
            Self::Line(id) => line.id == id,
            Self::Product(product) => line.product == product,
        }
    }
}

impl Cart {
    /// The store, once it is known.
    #[must_use]
    pub fn store(&self) -> Option<StoreId> {
        self.shop.map(|(store, _)| store)
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        if self.status == Status::Open && self.expires_at <= now { Status::Expired } else { self.status }
    }

    /// Passes while it can change.
    pub fn check_open(&self, now: DateTime<Utc>) -> Result<(), Error> {
        match self.status(now) {
            Status::Open => Ok(()),
            Status::Closed => Err(Error::CartClosed),
            Status::Expired => Err(Error::CartExpired),
        }
    }

    /// The key under which the cart that takes its place is found.
    #[must_use]
    pub fn succession(&self) -> ClientKey {
        self.client_key.clone().unwrap_or_else(|| self.id.into())
    }

    /// The products that the catalog is to be asked about: none of a closed cart, which stays as it was bought (CA-2).
    pub fn products(&self) -> impl Iterator<Item = ProductId> {
        self.lines.iter().filter(|_| self.status != Status::Closed).map(|line| line.product)
    }

    /// Adds `quantity` of `product`, as a line with this `id` or to the line there is.
    pub fn add(&mut self, id: LineId, product: ProductId, offer: &Offer, quantity: Quantity) -> Result<(), Error> {
        self.buy_from(offer)?;
        if let Some(line) = self.lines.iter_mut().find(|line| line.product == product) {
            line.quantity = line.quantity.plus(quantity)?;
            return Ok(());
        }
        if self.lines.len() >= MOST_LINES {
            return Err(Error::TooManyLines);
        }
        let position = self.lines.last().map_or(0, |line| line.position + 1);
        self.lines.push(Line { id, position, product, quantity, shown: Shown::default() });
        Ok(())
    }

    /// Lets the first product decide where a cart of a network's key buys; all others have to come from there.
    fn buy_from(&mut self, offer: &Offer) -> Result<(), Error> {
        let undecided = self.lines.is_empty() && self.front == self.realm.uuid();
        match self.shop {
            Some((store, _)) if store != offer.store && !undecided => Err(Error::OtherStore),
            Some((_, currency)) if currency != offer.price.currency && !self.lines.is_empty() => {
                Err(Error::ProductNotFound) // a price that cannot be added to the others
            }
            _ => {
                self.shop = Some((offer.store, offer.price.currency));
                Ok(())
            }
        }
    }

    /// Sets the quantity of a line; without one the line goes.
    pub fn set(&mut self, name: LineName, quantity: Option<Quantity>) -> Result<(), Error> {
        let place = self.lines.iter().position(|line| name.names(line)).ok_or(Error::LineNotFound)?;
        match quantity {
            Some(quantity) => self.lines[place].quantity = quantity,
            None => drop(self.lines.remove(place)),
        }
        Ok(())
    }

    /// Removes all lines.
    pub fn empty(&mut self) {
        self.lines.clear();
    }

    /// Says whose it is (CU-3).
    pub fn belong(&mut self, contact: Contact, customer: CustomerId) {
        self.contact = Some(contact);
        self.claimed &= self.customer == Some(customer);
        self.customer = Some(customer);
    }

    /// Gives it to the signed-in `customer` who uses it, unless it is somebody else's.
    pub fn claim(&mut self, customer: CustomerId) {
        if *self.customer.get_or_insert(customer) == customer {
            self.claimed = true;
        }
    }

    /// Passes unless it is that of a customer who was signed in and is not `caller`: whoever knows or guesses what a
    /// cart is called may fill it, not take it over (ID-30).
    pub fn check_claim(&self, caller: Option<CustomerId>) -> Result<(), Error> {
        if self.claimed && self.customer != caller { Err(Error::OtherCustomer) } else { Ok(()) }
    }

    /// Counts a change at `now`, which puts its expiry off.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = now;
        self.expires_at = expiry(now, self.contact.is_some() || self.customer.is_some());
    }

    /// As the audit tells of it.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        let line = |line: &Line| json!({ "product": line.product.to_string(), "quantity": line.quantity.pieces() });
        let contact =
            |contact: &Contact| json!({ "email": contact.email, "name": contact.name, "phone": contact.phone });
        json!({
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
            "contact": self.contact.as_ref().map(contact),
            "customer": self.customer.map(String::from),
        })
    }

    /// The event of a change.
    #[must_use]
    pub fn changed(&self) -> pb::CartChanged {
        pb::CartChanged {
            realm: self.realm.into(),
            cart: self.id.into(),
            store: self.store().map(String::from).unwrap_or_default(),
            customer: self.customer.map(String::from).unwrap_or_default(),
            version: self.version,
            at: Some(timestamp(self.updated_at)),
        }
    }
}

/// When a cart expires that is touched at `now`: 7 days later, or 90 when its owner can be written to (CA-2).
#[must_use]
pub fn expiry(now: DateTime<Utc>, owner_known: bool) -> DateTime<Utc> {
    now + TimeDelta::days(if owner_known { 90 } else { 7 })
}

#[cfg(test)]
#[path = "cart_tests.rs"]
pub(crate) mod tests;
