//! The order of a renewal and its payment, as they are written down before any gateway is asked.
use chrono::{DateTime, Utc};
use kit::ids::{CartId, LineId, OrderId};

use super::{Subscription, renew::ACTOR};
use crate::{
    checkout::draft::Draft,
    error::Error,
    library::goods::Inside,
    order::{Client, Contact, Line, News, Order, Plan, Standing, Totals},
    payment::{Payment, PaymentId, State},
};

/// A renewal that is due.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// Of which subscription.
    pub subscription: &'a Subscription,
    /// What is inside now, of a bundle or combo; none of what holds nothing.
    pub contents: Option<&'a [Inside]>,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Renewal<'_> {
    /// Its first attempt: a new order under `number`, for the same person as the one that it all began with.
    #[must_use]
    pub fn create(self, number: String, contact: Contact) -> Draft {
        let (of, id) = (self.subscription, OrderId::new(self.now));
        let order = Order {
            id,
            realm: of.realm,
            store: of.store,
            // There is none; a cart has one order, and so has this.
            cart: CartId::from_uuid(id.uuid()),
            customer: of.customer,
            number,
            standing: Standing::DRAFT,
            totals: self.totals(),
            discounts: Vec::new(),
            delivery: None,
            contact,
            client: Client::default(),
            attribution: of.attribution.clone(),
            gateway: of.gateway,
            note: String::new(),
            tags: Vec::new(),
            subscription: Some(of.id),
            version: 1,
            placed_at: None,
            created_at: self.now,
            updated_at: self.now,
        };
        self.of(order, None)
    }

    /// A further attempt, perhaps by another method or by other terms.
    pub fn again(self, mut order: Order) -> Result<Draft, Error> {
        let seen = order.version;
        order.hear(News::Started, self.now)?;
        order.totals = self.totals();
        Ok(self.of(order, Some(seen)))
    }

    fn totals(self) -> Totals {
        let due = self.subscription.due();
        let (subtotal, tax, included_tax) = self.subscription.parts();
        let (currency, total) = (due.currency, due.amount);
        Totals { currency, subtotal, discount: 0, shipping: 0, tax, shipping_tax: 0, included_tax, total }
    }

    fn line(self) -> Line {
        let (item, terms) = (&self.subscription.item, self.subscription.coming());
        let (subtotal, tax, included_tax) = self.subscription.parts();
        Line {
            id: LineId::new(self.now),
            product: item.product,
            sku: item.sku.clone(),
            name: item.name.clone(),
            quantity: item.quantity,
            price: terms.price,
            subtotal,
            kind: item.kind.clone(),
            discount: 0,
            tax,
            included_tax,
            tax_rate: item.tax_rate,
            plan: Some(Plan {
                id: terms.plan.clone(),
                interval: terms.interval.slug().to_owned(),
                count: terms.count,
                price: Some(terms.price),
                trial_days: 0,
                zone: self.subscription.course.calendar.zone.name().to_owned(),
            }),
            package: item.package.clone(),
            contents: self.contents.map(<[_]>::to_vec),
            gift: None,
            fulfilled: 0,
            refunded: 0,
        }
    }

    fn of(self, order: Order, seen: Option<i64>) -> Draft {
        let payment = Payment {
            id: PaymentId::new(self.now),
            realm: order.realm,
            store: order.store,
            order: order.id,
            gateway: order.gateway,
            method: self.subscription.method.clone(),
            amount: order.totals.due(),
            state: State::Started,
            refusal: None,
            actor: ACTOR.to_owned(),
            ip: String::new(),
            created_at: self.now,
        };
        Draft { order, lines: vec![self.line()], payment, seen, vouchers: Vec::new() }
    }
}
