//! The draft order of a cart and the payment that is to be taken, written down before any gateway is asked (OR-1).
use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, OrderId};

use super::{Checkout, Purchase};
use crate::{
    error::Error,
    order::{Client, Line, News, Order, Standing},
    payment::{Payment, PaymentId, State},
    voucher::Voucher,
};

/// What a draft is made of.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The checkout, whose price has been checked.
    pub checkout: &'a Checkout,
    /// What the cart holds.
    pub purchase: Purchase,
    /// Who buys.
    pub customer: CustomerId,
    /// The gateway's payment method.
    pub method: &'a str,
    /// Where the request came from.
    pub client: Client,
    /// Who asks: kind and id.
    pub actor: String,
    /// The present.
    pub now: DateTime<Utc>,
}

/// A cart's draft with a payment of it that is about to be taken.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The order.
    pub order: Order,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The payment.
    pub payment: Payment,
    /// Version of the order as it was found; none when this makes it.
    pub seen: Option<i64>,
    /// Vouchers that it uses.
    pub vouchers: Vec<Voucher>,
}

impl Attempt<'_> {
    /// The first draft of the cart, under `number`.
    #[must_use]
    pub fn create(self, number: String) -> Draft {
        let (checkout, now) = (self.checkout, self.now);
        let order = Order {
            id: OrderId::new(now),
            realm: checkout.realm,
            store: checkout.store,
            cart: checkout.cart,
            customer: self.customer,
            number,
            standing: Standing::DRAFT,
            totals: self.purchase.totals,
            discounts: self.purchase.discounts.clone(),
            delivery: self.purchase.delivery.clone(),
            contact: checkout.contact.clone(),
            client: self.client.clone(),
            attribution: self.purchase.attribution.clone(),
            gateway: checkout.gateway,
            note: String::new(),
            tags: Vec::new(),
            subscription: None,
            version: 1,
            placed_at: None,
            created_at: now,
            updated_at: now,
        };
        self.of(order, None)
    }

    /// A draft whose payment failed becomes what is bought now, perhaps by other means and with other lines.
    pub fn renew(self, mut order: Order) -> Result<Draft, Error> {
        let seen = order.version;
        order.hear(News::Started, self.now)?;
        order.customer = self.customer;
        order.totals = self.purchase.totals;
        order.discounts.clone_from(&self.purchase.discounts);
        order.delivery.clone_from(&self.purchase.delivery);
        order.contact = self.checkout.contact.clone();
        order.client = self.client.clone();
        order.attribution.replace(self.purchase.attribution.clone());
        order.gateway = self.checkout.gateway;
        Ok(self.of(order, Some(seen)))
    }

    fn of(self, order: Order, seen: Option<i64>) -> Draft {
        let payment = Payment {
            id: PaymentId::new(self.now),
            realm: order.realm,
            store: order.store,
            order: order.id,
            gateway: order.gateway,
            method: self.method.to_owned(),
            amount: order.totals.due(),
            state: State::Started,
            refusal: None,
            actor: self.actor,
            ip: self.client.ip,
            created_at: self.now,
        };
        Draft { order, lines: self.purchase.lines, payment, seen, vouchers: self.purchase.vouchers }
    }
}
