//! A cart and its rules (CA-2): what may be in it, when it may change, when it expires.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    attribution::Attribution,
    audit::json,
    clock::timestamp,
    ids::{CartId, CustomerId, LineId, OrderId, PlanId, ProductId, RealmId, ShippingMethodId, StoreId},
    money::Currency,
};
use proto::carts::v1 as pb;
use uuid::Uuid;

use crate::{
    Error,
    code::{self, Code},
    contact::Contact,
    gift::Gift,
    idle::PATIENCE,
    name::ClientKey,
    offer::{Offer, Offers, Shown},
    priced::{Bought, Delivered},
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
    /// The customer's cart that took its lines (CA-9).
    pub(crate) merged_into: Option<CartId>,
    pub(crate) contact: Option<Contact>,
    pub(crate) lines: Vec<Line>,
    /// Of vouchers, in the order they were entered.
    pub(crate) codes: Vec<Code>,
    /// What was taken off, once it is closed.
    pub(crate) discounts: Vec<Bought>,
    /// How it is to be shipped, as it was chosen.
    pub(crate) method: Option<ShippingMethodId>,
    /// How it was shipped, once it is closed.
    pub(crate) delivered: Option<Delivered>,
    /// Who and what brought it about (CA-8).
    pub(crate) attribution: Attribution,
    pub(crate) version: i64,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A product that is bought once or by a plan, and how many of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub(crate) id: LineId,
    pub(crate) position: i32,
    pub(crate) product: ProductId,
    /// By which it is subscribed to; none when it is bought once.
    pub(crate) plan: Option<PlanId>,
    pub(crate) quantity: Quantity,
    /// Who is to have it instead of whoever buys (OR-1).
    pub(crate) gift: Option<Gift>,
    /// As it was shown after the last change, or bought.
    pub(crate) shown: Shown,
}

/// How a request names a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineName {
    /// `line_…`.
    Line(LineId),
    /// `prd_…` of its product: the line that is bought once, if there is one.
    Product(ProductId),
}

/// What a line is about: a product, once or by a plan. There is one line for each, and for each person it is given to.
pub type Item = (ProductId, Option<PlanId>);

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

impl Line {
    /// What it is about.
    #[must_use]
    pub fn item(&self) -> Item {
        (self.product, self.plan)
    }
}

impl Cart {
    /// The store, once it is known.
    #[must_use]
    pub fn store(&self) -> Option<StoreId> {
        self.shop.map(|(store, _)| store)
    }

    /// The store whose offers count for it: none of a closed cart, which stays as it was bought (CA-2).
    #[must_use]
    pub fn buying_from(&self) -> Option<StoreId> {
        self.store().filter(|_| self.status != Status::Closed)
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

    /// Since when it is abandoned at `now`: open, with something in it, and left alone for half an hour (CA-2).
    #[must_use]
    pub fn abandoned_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let left_at = self.updated_at + PATIENCE;
        (left_at <= now && !self.lines.is_empty() && self.status(now) == Status::Open).then_some(left_at)
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

    /// Adds `quantity` of `item`, as a line with this `id` or to the line there is.
    pub fn add(&mut self, id: LineId, item: Item, offer: &Offer, quantity: Quantity) -> Result<(), Error> {
        offer.check_plan(item.1)?;
        self.buy_from(offer)?;
        if let Some(line) = self.lines.iter_mut().find(|line| line.gift.is_none() && line.item() == item) {
            line.quantity = line.quantity.plus(quantity)?;
            return Ok(());
        }
        if self.lines.len() >= MOST_LINES {
            return Err(Error::TooManyLines);
        }
        let position = self.lines.last().map_or(0, |line| line.position + 1);
        let (product, plan) = item;
        let shown = Shown::default();
        self.lines.push(Line { id, position, product, plan, quantity, gift: None, shown });
        Ok(())
    }

    /// Lets the first product decide where a cart of a network's key buys; all others have to come from there.
    pub(crate) fn buy_from(&mut self, offer: &Offer) -> Result<(), Error> {
        let undecided = self.lines.is_empty() && self.front == self.realm.uuid();
        match self.shop {
            Some((store, _)) if store != offer.store && !undecided => Err(Error::OtherStore),
            Some((_, currency)) if currency != offer.currency && !self.lines.is_empty() => {
                Err(Error::ProductNotFound) // a price that cannot be added to the others
            }
            _ => {
                self.shop = Some((offer.store, offer.currency));
                Ok(())
            }
        }
    }

    /// Where the line is that `name` names.
    pub(crate) fn place(&self, name: LineName) -> Result<usize, Error> {
        let named = || self.lines.iter().enumerate().filter(|(_, line)| name.names(line));
        let (place, _) = named()
            .find(|(_, line)| line.plan.is_none() && line.gift.is_none())
            .or_else(|| named().next())
            .ok_or(Error::LineNotFound)?;
        Ok(place)
    }

    /// Passes when there is such a line.
    pub fn check_line(&self, name: LineName) -> Result<(), Error> {
        self.place(name).map(drop)
    }

    /// Has a line bought by another plan, or once without one. When there is a line for that already, it takes the pieces.
    pub fn replan(&mut self, name: LineName, plan: Option<PlanId>, offers: &Offers) -> Result<LineName, Error> {
        let place = self.place(name)?;
        let line = &mut self.lines[place];
        let (id, item, quantity) = (line.id, (line.product, plan), line.quantity);
        if line.plan == plan {
            return Ok(LineName::Line(id));
        }
        if line.gift.is_some() {
            return Err(Error::GiftRenews);
        }
        offers.buyable(line.product)?.check_plan(plan)?;
        let Some(other) = self.lines.iter_mut().find(|line| line.gift.is_none() && line.item() == item) else {
            self.lines[place].plan = plan;
            return Ok(LineName::Line(id));
        };
        other.quantity = other.quantity.plus(quantity)?;
        let kept = LineName::Line(other.id);
        self.lines.remove(place);
        Ok(kept)
    }

    /// Sets the quantity of a line; without one the line goes.
    pub fn set(&mut self, name: LineName, quantity: Option<Quantity>) -> Result<(), Error> {
        let place = self.place(name)?;
        match quantity {
            Some(quantity) if quantity != Quantity::ONE && self.lines[place].gift.is_some() => {
                return Err(Error::GiftSingle);
            }
            Some(quantity) => self.lines[place].quantity = quantity,
            None => drop(self.lines.remove(place)),
        }
        Ok(())
    }

    /// Enters the `code` of a voucher, once.
    pub fn enter(&mut self, code: &Code) -> Result<(), Error> {
        if self.codes.contains(code) {
            return Ok(());
        }
        if self.codes.len() >= code::MOST {
            return Err(Error::TooManyCodes);
        }
        self.codes.push(code.clone());
        Ok(())
    }

    /// Takes a code out again, or all of them.
    pub fn withdraw(&mut self, code: Option<&Code>) -> Result<(), Error> {
        let before = self.codes.len();
        self.codes.retain(|entered| code.is_some_and(|code| code != entered));
        if code.is_some() && self.codes.len() == before { Err(Error::CodeUnknown) } else { Ok(()) }
    }

    /// Chooses how it is shipped, or nothing.
    pub fn ship(&mut self, method: Option<ShippingMethodId>) {
        self.method = method;
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
        let line = |line: &Line| {
            let plan = line.plan.map(String::from);
            let is_gift = line.gift.is_some();
            json!({
                "product": line.product.to_string(), "plan": plan, "quantity": line.quantity.pieces(), "is_gift": is_gift,
            })
        };
        let contact =
            |contact: &Contact| json!({ "email": contact.email, "name": contact.name, "phone": contact.phone });
        json!({
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
            "shipping_method": self.method.map(String::from),
            "codes": self.codes.iter().map(Code::as_str).collect::<Vec<_>>(),
            "contact": self.contact.as_ref().map(contact),
            "customer": self.customer.map(String::from),
            "attribution": self.attribution,
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
