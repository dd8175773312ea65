//! Ways to ship (CA-11).
use proto::{carts::v1 as carts, orders::v1 as orders};
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// How something is shipped. Amounts are in minor units of its cart's or order's currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d60", "name": "Post", "price": 490, "tax": 0, "included_tax": 78,
    "tax_rate": 1900,
}))]
pub struct Shipping {
    /// `shpm_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it costs.
    pub price: i64,
    /// Tax on top of that.
    pub tax: i64,
    /// Tax in it.
    pub included_tax: i64,
    /// Rate of the tax: hundredths of a percent.
    pub tax_rate: u32,
}

/// A way to ship a cart to where it goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d60", "name": "Post", "price": 490, "tax": 0, "included_tax": 78,
    "tax_rate": 1900, "free_from": 5000, "currency": "EUR",
}))]
pub struct ShippingChoice {
    /// `shpm_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it costs this cart.
    pub price: i64,
    /// Tax on top of that.
    pub tax: i64,
    /// Tax in it.
    pub included_tax: i64,
    /// Rate of the tax: hundredths of a percent.
    pub tax_rate: u32,
    /// Value of goods from which it is free.
    pub free_from: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
}

impl From<carts::Shipping> for Shipping {
    fn from(shipping: carts::Shipping) -> Self {
        let carts::Shipping { method, name, price, tax, included_tax, tax_rate, .. } = shipping;
        Self { id: method, name, price, tax, included_tax, tax_rate }
    }
}

impl From<orders::Delivery> for Shipping {
    fn from(delivery: orders::Delivery) -> Self {
        let orders::Delivery { method, name, price, tax, included_tax, tax_rate } = delivery;
        Self { id: method, name, price, tax, included_tax, tax_rate }
    }
}

/// All ways to ship a cart.
#[must_use]
pub fn choices(found: carts::ListCartShippingMethodsResponse) -> Vec<ShippingChoice> {
    let currency = text(found.currency);
    let choice = |shipping: carts::Shipping| {
        let carts::Shipping { method: id, name, price, tax, included_tax, tax_rate, free_from } = shipping;
        ShippingChoice { id, name, price, tax, included_tax, tax_rate, free_from, currency: currency.clone() }
    };
    found.methods.into_iter().map(choice).collect()
}
