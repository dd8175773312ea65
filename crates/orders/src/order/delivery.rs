//! How an order is shipped (CA-11). Frozen when the order was made.
use proto::{carts::v1 as carts, orders::v1 as pb};
use serde::{Deserialize, Serialize};

/// How an order is shipped. Amounts are in minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// `shpm_…`.
    pub method: String,
    /// As the customer read it.
    pub name: String,
    /// What it costs: the order's shipping.
    pub price: i64,
    /// Tax on top of that, part of the order's tax.
    pub tax: i64,
    /// Tax in it.
    pub included_tax: i64,
    /// Rate of the tax: hundredths of a percent.
    pub rate: u32,
}

impl From<carts::Shipping> for Delivery {
    fn from(shipping: carts::Shipping) -> Self {
        let carts::Shipping { method, name, price, tax, included_tax, tax_rate: rate, .. } = shipping;
        Self { method, name, price, tax, included_tax, rate }
    }
}

impl From<Delivery> for pb::Delivery {
    fn from(delivery: Delivery) -> Self {
        let Delivery { method, name, price, tax, included_tax, rate } = delivery;
        Self { method, name, price, tax, included_tax, tax_rate: rate }
    }
}
