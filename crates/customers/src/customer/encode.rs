//! Customers as the API shows them.
use std::collections::HashMap;

use kit::{
    clock,
    ids::CustomerId,
    money::{Currency, Money},
};
use proto::customers::v1 as pb;

use super::customer::Customer;
use crate::retention::level::engagement;

/// What is added up of customers when they are asked for.
pub type Sums = HashMap<CustomerId, Sum>;

/// What is added up of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// What they spent, one entry per currency.
    pub spent: Vec<Spend>,
    /// Their subscriptions that go on, past due and paused ones among them.
    pub active: i64,
    /// Those that were cancelled, or expired.
    pub cancelled: i64,
    /// Their open carts with something in them.
    pub carts: i64,
}

/// What a customer spent in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spend {
    /// Captured less refunded.
    pub total: Money,
    /// Orders placed in this currency.
    pub orders: i64,
}

/// `customer` with what is added up of them, nothing masked.
#[must_use]
pub fn encode(customer: Customer, Sum { spent, active, cancelled, carts }: &Sum) -> pb::Customer {
    pb::Customer {
        id: customer.id.into(),
        realm: customer.realm.into(),
        lifecycle: customer.lifecycle.slug().to_owned(),
        registration: customer.registration.slug().to_owned(),
        status: customer.status.slug().to_owned(),
        name: customer.name,
        email: customer.email,
        phone: customer.phone,
        username: customer.username,
        photo_url: customer.photo_url,
        business: customer.business,
        fax: customer.fax,
        contacts: customer.contacts.into_iter().map(Into::into).collect(),
        language: customer.language,
        slug: customer.slug,
        tags: customer.tags,
        meta: customer.meta.to_string(),
        library_all: customer.library_all,
        directory: customer.directory,
        consents: customer.consents.into_iter().collect(),
        orders_count: customer.orders_count,
        total_spent: spent.iter().map(|spend| spend.total.into()).collect(),
        average_order: spent.iter().filter_map(Spend::average).map(Into::into).collect(),
        first_order_at: customer.first_order_at.map(clock::timestamp),
        last_order_at: customer.last_order_at.map(clock::timestamp),
        registered_at: customer.registered_at.map(clock::timestamp),
        last_activity_at: Some(clock::timestamp(customer.last_activity_at)),
        ip: customer.ip,
        version: customer.version,
        created_at: Some(clock::timestamp(customer.created_at)),
        updated_at: Some(clock::timestamp(customer.updated_at)),
        redacted: Vec::new(),
        subscriptions: Some(pb::SubscriptionCounts { active: *active, cancelled: *cancelled }),
        open_carts: *carts,
        reviews_count: customer.reviews_count,
        address: customer.address.map(Into::into),
        activity: String::new(),
        engagement: engagement(customer.orders_count, customer.first_order_at, customer.last_order_at).to_owned(),
    }
}

impl Spend {
    /// Of currencies, amounts and orders.
    pub fn of<'a>(rows: impl Iterator<Item = (&'a str, i64, i64)>) -> Vec<Self> {
        rows.filter_map(|(code, amount, orders)| {
            Some(Self { total: Money::new(amount, Currency::from_code(code)?), orders })
        })
        .collect()
    }

    /// The total divided by the orders of its currency, rounded half up once; none without an order.
    fn average(&self) -> Option<Money> {
        let amount = self.total.amount.checked_add(self.orders / 2)?.checked_div_euclid(self.orders)?;
        Some(Money::new(amount, self.total.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-4: the average order is rounded once, and there is none without an order.
    #[test]
    fn averages_round_half_up() {
        let of = |amount, orders| {
            Spend { total: Money::new(amount, Currency::EUR), orders }.average().map(|money| money.amount)
        };
        assert_eq!([of(10, 4), of(9, 4), of(0, 3)], [Some(3), Some(2), Some(0)]);
        assert_eq!(of(10, 0), None);
    }
}
