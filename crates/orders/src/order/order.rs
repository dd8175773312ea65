//! An order: a draft until its payment came about, then fixed.
use chrono::{DateTime, Utc};
use kit::{
    attribution::Attribution,
    clock::timestamp,
    ids::{CartId, CustomerId, OrderId, RealmId, StoreId, SubscriptionId},
    money::{Currency, Money},
};
use proto::orders::v1 as pb;
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use super::{Contact, Delivery, Discount, Line, News, Standing};
use crate::{columns, error::Error, payment::Gateway};

/// An order without its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub(crate) id: OrderId,
    pub(crate) realm: RealmId,
    pub(crate) store: StoreId,
    pub(crate) cart: CartId,
    pub(crate) customer: CustomerId,
    pub(crate) number: String,
    pub(crate) standing: Standing,
    pub(crate) totals: Totals,
    pub(crate) discounts: Vec<Discount>,
    /// How it is shipped; none where nothing is.
    pub(crate) delivery: Option<Delivery>,
    pub(crate) contact: Contact,
    pub(crate) client: Client,
    /// Who and what brought it about (CA-8).
    pub(crate) attribution: Attribution,
    pub(crate) gateway: Gateway,
    pub(crate) note: String,
    pub(crate) tags: Vec<String>,
    /// What it renews. Then it came of no cart, and its own id stands in for one.
    pub(crate) subscription: Option<SubscriptionId>,
    pub(crate) version: i64,
    pub(crate) placed_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Where an order came from (ID-28). Empty texts mean unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Network address.
    pub ip: String,
    /// User agent.
    pub agent: String,
}

/// What an order costs, in minor units of one currency; `total` is always the sum of the others (CA-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// What of.
    pub currency: Currency,
    /// Sum of the lines.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Shipping.
    pub shipping: i64,
    /// Tax on top of prices.
    pub tax: i64,
    /// How much of that is on shipping.
    pub shipping_tax: i64,
    /// Tax inside prices; no part of the sum.
    pub included_tax: i64,
    /// What is to be paid.
    pub total: i64,
}

impl Totals {
    /// What is to be paid.
    #[must_use]
    pub const fn due(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// `amount` in this currency.
    #[must_use]
    pub const fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.currency)
    }
}

impl Order {
    /// Whether it is more than a draft.
    #[must_use]
    pub const fn is_placed(&self) -> bool {
        self.placed_at.is_some()
    }

    /// Takes in what its payment tells. Answers whether it was placed by that.
    pub fn hear(&mut self, news: News, now: DateTime<Utc>) -> Result<bool, Error> {
        let Some(standing) = self.standing.after(news) else {
            let detail = format!("{} stands at {:?} and cannot hear {news:?}", self.id, self.standing);
            return Err(kit::Error::Internal(detail).into());
        };
        let placed = !self.is_placed() && matches!(news, News::Accepted | News::Captured);
        self.standing = standing;
        if placed {
            self.placed_at = Some(now);
        }
        self.touch(now);
        Ok(placed)
    }

    /// Takes in what may be no news: whether it was.
    pub fn hear_quietly(&mut self, news: News, now: DateTime<Utc>) -> bool {
        let Some(standing) = self.standing.after(news) else { return false };
        self.standing = standing;
        self.touch(now);
        true
    }

    /// Notes that something of it has changed.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = now;
    }

    /// Text id of the cart that it came of; empty of a renewal.
    #[must_use]
    pub fn bought_cart(&self) -> String {
        if self.subscription.is_some() { String::new() } else { self.cart.into() }
    }

    /// The event that it was placed with `lines`.
    #[must_use]
    pub fn placed(&self, lines: Vec<Line>) -> pb::OrderPlaced {
        pb::OrderPlaced {
            realm: self.realm.into(),
            store: self.store.into(),
            order: self.id.into(),
            customer: self.customer.into(),
            cart: self.bought_cart(),
            total: Some(self.totals.due().into()),
            lines: lines.into_iter().map(Line::placed).collect(),
            at: self.placed_at.map(timestamp),
            number: self.number.clone(),
            discounts: self.discounts.iter().cloned().map(Into::into).collect(),
            subscription: self.subscription.map(String::from).unwrap_or_default(),
            delivery: self.delivery.clone().map(Into::into),
        }
    }
}

impl FromRow<'_, PgRow> for Order {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let delivery = row.try_get::<Option<Json<Delivery>>, _>("delivery")?.map(|delivery| delivery.0);
        Ok(Self {
            id: row.try_get("id")?,
            realm: row.try_get("realm_id")?,
            store: row.try_get("store_id")?,
            cart: row.try_get("cart_id")?,
            customer: row.try_get("customer_id")?,
            number: row.try_get("number")?,
            standing: Standing {
                status: row.try_get("status")?,
                payment: row.try_get("payment_status")?,
                fulfilment: row.try_get("fulfilment_status")?,
            },
            totals: Totals {
                currency: columns::currency(row)?,
                subtotal: row.try_get("subtotal")?,
                discount: row.try_get("discount")?,
                shipping: row.try_get("shipping")?,
                tax: row.try_get("tax")?,
                shipping_tax: delivery.as_ref().map_or(0, |delivery| delivery.tax),
                included_tax: row.try_get("included_tax")?,
                total: row.try_get("total")?,
            },
            discounts: row.try_get::<Json<_>, _>("discounts")?.0,
            delivery,
            contact: row.try_get::<Json<_>, _>("contact")?.0,
            client: Client { ip: row.try_get("ip")?, agent: row.try_get("user_agent")? },
            attribution: row.try_get::<Json<_>, _>("attribution")?.0,
            gateway: row.try_get("gateway")?,
            note: row.try_get("note")?,
            tags: row.try_get("tags")?,
            subscription: row.try_get("subscription_id")?,
            version: row.try_get("version")?,
            placed_at: row.try_get("placed_at")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}
