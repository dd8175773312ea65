//! Customers as the API shows them.
use std::collections::HashMap;

use kit::{
    clock,
    ids::CustomerId,
    money::{Currency, Money},
};
use proto::customers::v1 as pb;

use super::customer::Customer;

/// What customers spent: captured less refunded, one amount per currency.
pub type Spends = HashMap<CustomerId, Vec<Money>>;

/// `customer` with what they `spent`, nothing masked.
#[must_use]
pub fn encode(customer: Customer, spent: &[Money]) -> pb::Customer {
    let orders = customer.orders_count;
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
        orders_count: orders,
        total_spent: spent.iter().copied().map(Into::into).collect(),
        average_order: spent.iter().filter_map(|spent| average(*spent, orders)).map(Into::into).collect(),
        first_order_at: customer.first_order_at.map(clock::timestamp),
        last_order_at: customer.last_order_at.map(clock::timestamp),
        registered_at: customer.registered_at.map(clock::timestamp),
        last_activity_at: Some(clock::timestamp(customer.last_activity_at)),
        ip: customer.ip,
        version: customer.version,
        created_at: Some(clock::timestamp(customer.created_at)),
        updated_at: Some(clock::timestamp(customer.updated_at)),
        redacted: Vec::new(),
        reviews_count: customer.reviews_count,
        address: customer.address.map(Into::into),
    }
}

/// `spent` divided by the number of orders, rounded half up once.
fn average(spent: Money, orders: i64) -> Option<Money> {
    let amount = spent.amount.checked_add(orders / 2)?.checked_div_euclid(orders)?;
    Some(Money::new(amount, spent.currency))
}

/// One amount per currency for each customer.
#[must_use]
pub fn spends(rows: Vec<(CustomerId, String, i64)>) -> Spends {
    let mut spends = Spends::new();
    for (customer, currency, amount) in rows {
        if let Some(currency) = Currency::from_code(&currency) {
            spends.entry(customer).or_default().push(Money::new(amount, currency));
        }
    }
    spends
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-4: the average order is rounded once, and there is none without an order.
    #[test]
    fn averages_round_half_up() {
        let of = |amount, orders| average(Money::new(amount, Currency::EUR), orders).map(|money| money.amount);
        assert_eq!([of(10, 4), of(9, 4), of(0, 3)], [Some(3), Some(2), Some(0)]);
        assert_eq!(of(10, 0), None);
    }
}
