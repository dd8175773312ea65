//! A subscription: what of a line of an order is paid for again, each time how much, and by what (OR-7).
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kit::{
    attribution::Attribution,
    ids::{CustomerId, LineId, OrderId, ProductId, RealmId, StoreId, SubscriptionId},
    money::{Currency, Money},
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use super::{
    State,
    calendar::{Calendar, Every, Interval},
};
use crate::{
    columns,
    order::{Line, Order, Plan, TaxRate},
    payment::Gateway,
};

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub(crate) id: SubscriptionId,
    pub(crate) realm: RealmId,
    pub(crate) store: StoreId,
    pub(crate) customer: CustomerId,
    pub(crate) order: OrderId,
    pub(crate) line: LineId,
    pub(crate) item: Item,
    pub(crate) currency: Currency,
    pub(crate) terms: Terms,
    /// What is agreed as of the next renewal, if something else.
    pub(crate) next: Option<Terms>,
    pub(crate) target: Option<Target>,
    pub(crate) gateway: Gateway,
    /// The gateway's own name for what renewals are paid with; never the number of a card.
    pub(crate) method: String,
    pub(crate) state: State,
    pub(crate) course: Course,
    /// Who and what brought about the order it began with (CA-8).
    pub(crate) attribution: Attribution,
    /// Why it was paused or cancelled last.
    pub(crate) reason: String,
    pub(crate) cancelled_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What is subscribed to, as it was when it began.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the line of the order")]
pub struct Item {
    pub product: ProductId,
    pub sku: String,
    pub name: String,
    pub kind: String,
    pub package: String,
    pub quantity: u32,
    pub tax_rate: TaxRate,
}

/// What was agreed: whatever becomes of the product's plan, it stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Id of the product's plan.
    pub plan: String,
    /// Unit of a period.
    pub interval: Interval,
    /// How many of them make one.
    pub count: u32,
    /// Price of one, in minor units.
    pub price: i64,
}

/// What is renewed, such as a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `rtgt_…`.
    pub id: String,
    /// As it was called when it was chosen.
    pub name: String,
}

/// Where a subscription is in its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// What periods are counted from.
    pub calendar: Calendar,
    /// How many periods after the first moment of the calendar the next one begins.
    pub turn: u32,
    /// How many renewals there were; the next is one more.
    pub cycle: u32,
    /// When the period that is underway began.
    pub starts_at: DateTime<Utc>,
    /// When the next one begins.
    pub renews_at: DateTime<Utc>,
    /// When its trial ends.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Whether its customer was told of the next renewal.
    pub noticed: bool,
    /// How often the renewal that is due has failed.
    pub failures: u32,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
    /// When the attempt that comes next, or is underway, is due by itself, once one has failed: somebody may ask for one
    /// before.
    pub attempt_at: Option<DateTime<Utc>>,
    /// Order of the renewal that is being charged.
    pub charging: Option<OrderId>,
    /// Order of the renewal that is due, once that was tried.
    pub draft: Option<OrderId>,
}

impl Terms {
    /// How long a period is.
    #[must_use]
    pub const fn every(&self) -> Every {
        Every { interval: self.interval, count: self.count }
    }

    /// What a plan of a line that costs `price` agrees on; none when it makes no sense.
    fn of(plan: &Plan, price: i64) -> Option<Self> {
        let interval = Interval::parse(&plan.interval)?;
        let count = Some(plan.count).filter(|count| *count > 0)?;
        Some(Self { plan: plan.id.clone(), interval, count, price: plan.price.unwrap_or(price) })
    }
}

impl Subscription {
    /// The one that `line` of `order`, which is paid at `now`, begins: with its trial, else with its first period. None
    /// when its plan makes no sense, which the catalog sees to.
    #[must_use]
    pub fn begin(order: &Order, line: &Line, method: &str, now: DateTime<Utc>) -> Option<Self> {
        let plan = line.plan.as_ref()?;
        let terms = Terms::of(plan, line.price)?;
        let course = Course::begin(terms.every(), plan, now)?;
        let begun = Self {
            id: SubscriptionId::new(now),
            realm: order.realm,
            store: order.store,
            customer: order.customer,
            order: order.id,
            line: line.id,
            item: Item {
                product: line.product,
                sku: line.sku.clone(),
                name: line.name.clone(),
                kind: line.kind.clone(),
                package: line.package.clone(),
                quantity: line.quantity,
                tax_rate: line.tax_rate,
            },
            currency: order.totals.currency,
            terms,
            next: None,
            target: None,
            gateway: order.gateway,
            method: method.to_owned(),
            state: State::Active,
            course,
            attribution: order.attribution.clone(),
            reason: String::new(),
            cancelled_at: None,
            ended_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        begun.cost(&begun.terms)?;
        Some(begun)
    }

    /// What is agreed for the renewal that comes.
    #[must_use]
    pub fn coming(&self) -> &Terms {
        self.next.as_ref().unwrap_or(&self.terms)
    }

    /// What one is to be renewed at `terms` costs for all, with the tax that comes on top of it; none when that is more
    /// than there is.
    #[must_use]
    pub fn cost(&self, terms: &Terms) -> Option<Money> {
        let amount = terms.price.checked_mul(i64::from(self.item.quantity))?;
        let (tax, _) = self.item.tax_rate.on(amount);
        Some(Money::new(amount.checked_add(tax)?, self.currency))
    }

    /// What the renewal that comes costs before tax, the tax on top of that, and the tax inside it. The rate is that which
    /// it began with: what was agreed is what is charged, and the notice of it can tell how much that will be.
    #[must_use]
    pub fn parts(&self) -> (i64, i64, i64) {
        let amount = self.coming().price.saturating_mul(i64::from(self.item.quantity));
        let (tax, included_tax) = self.item.tax_rate.on(amount);
        (amount, tax, included_tax)
    }

    /// What the renewal that comes costs. It fits: nothing that does not is ever agreed.
    #[must_use]
    pub fn due(&self) -> Money {
        self.cost(self.coming()).unwrap_or_else(|| Money::new(i64::MAX, self.currency))
    }
}

impl Course {
    /// The course that begins at `now` by `plan`, which renews `every` so often.
    fn begin(every: Every, plan: &Plan, now: DateTime<Utc>) -> Option<Self> {
        let zone: Tz = plan.zone.parse().unwrap_or(Tz::UTC);
        let today = Calendar { anchor: now, zone };
        let day = Every { interval: Interval::Day, count: 1 };
        let anchor = today.begin(day, plan.trial_days)?;
        let turn = u32::from(plan.trial_days == 0);
        let calendar = Calendar { anchor, zone };
        Some(Self {
            calendar,
            turn,
            cycle: 0,
            starts_at: now,
            renews_at: calendar.begin(every, turn)?,
            trial_ends_at: (plan.trial_days > 0).then_some(anchor),
            noticed: false,
            failures: 0,
            retry_at: None,
            attempt_at: None,
            charging: None,
            draft: None,
        })
    }
}

fn number(row: &PgRow, column: &str) -> Result<u32, sqlx::Error> {
    let number: i32 = row.try_get(column)?;
    u32::try_from(number).map_err(|error| sqlx::Error::Decode(error.into()))
}

impl FromRow<'_, PgRow> for Course {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let zone: Tz = row.try_get::<&str, _>("zone")?.parse().unwrap_or(Tz::UTC);
        Ok(Self {
            calendar: Calendar { anchor: row.try_get("anchor_at")?, zone },
            turn: number(row, "turn")?,
            cycle: number(row, "cycle")?,
            starts_at: row.try_get("starts_at")?,
            renews_at: row.try_get("renews_at")?,
            trial_ends_at: row.try_get("trial_ends_at")?,
            noticed: row.try_get("noticed")?,
            failures: number(row, "failures")?,
            retry_at: row.try_get("retry_at")?,
            attempt_at: row.try_get("attempt_at")?,
            charging: row.try_get("charging_id")?,
            draft: row.try_get("draft_id")?,
        })
    }
}

impl FromRow<'_, PgRow> for Subscription {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let of = |column: &str| row.try_get::<Json<Terms>, _>(column).map(|terms| terms.0);
        let target: Option<Json<Target>> = row.try_get("target")?;
        let next: Option<Json<Terms>> = row.try_get("next_terms")?;
        Ok(Self {
            id: row.try_get("id")?,
            realm: row.try_get("realm_id")?,
            store: row.try_get("store_id")?,
            customer: row.try_get("customer_id")?,
            order: row.try_get("order_id")?,
            line: row.try_get("line_id")?,
            item: Item {
                product: row.try_get("product_id")?,
                sku: row.try_get("sku")?,
                name: row.try_get("name")?,
                kind: row.try_get("kind")?,
                package: row.try_get("package")?,
                quantity: number(row, "quantity")?,
                tax_rate: TaxRate { rate: number(row, "tax_rate")?, included: row.try_get("tax_included")? },
            },
            currency: columns::currency(row)?,
            terms: of("terms")?,
            next: next.map(|next| next.0),
            target: target.map(|target| target.0),
            gateway: row.try_get("gateway")?,
            method: row.try_get("method")?,
            state: row.try_get("state")?,
            course: Course::from_row(row)?,
            attribution: row.try_get::<Json<_>, _>("attribution")?.0,
            reason: row.try_get("reason")?,
            cancelled_at: row.try_get("cancelled_at")?,
            ended_at: row.try_get("ended_at")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}
