//! Carts, the same for shoppers and staff.
use chrono::{DateTime, Utc};
use proto::{carts::v1 as pb, catalog::v1::Plan};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Attribution, Contact, Gift, Shipping, text, time};
use crate::answer::Versioned;

/// A cart. Its money is in minor units of its one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "customer_id": null,
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "status": "open", "currency": "EUR", "subtotal": 3998,
    "discount": 0, "shipping": 490, "shipping_method": {
        "id": "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d60", "name": "Post", "price": 490, "tax": 0, "included_tax": 78,
        "tax_rate": 1900,
    },
    "shipping_state": "chosen", "tax": 0, "included_tax": 716, "total": 4488, "total_items": 2, "total_unique_items": 1,
    "items": [{
        "id": "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45", "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
        "sku": "MUG-1", "name": "Mug", "description": "Holds a pint.",
        "product_image_url": "https://shop.example.com/mug.jpg", "quantity": 2, "price": 1999, "subtotal": 3998, "discount": 0,
        "tax": 0, "included_tax": 638, "tax_rate": 1900, "tax_included": true,
        "plan": null, "meta": {}, "is_available": true, "kind": "physical",
        "package": null, "gift": null,
    }],
    "discounts": [], "discount_code": null, "codes": [], "attribution": null, "contact": null, "order_id": null, "abandoned_at": null,
    "expires_at": "2026-03-09T12:00:00Z", "version": 2, "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Cart {
    /// `cart_…`.
    pub id: String,
    /// `cus_…`, once it is known.
    pub customer_id: Option<String>,
    /// `sto_…`; a network's cart has one with its first line.
    pub store: Option<String>,
    /// `open`, `closed` or `expired`.
    pub status: String,
    /// ISO 4217 code, once the store is known.
    pub currency: Option<String>,
    /// Sum of the items.
    pub subtotal: i64,
    /// Taken off in all.
    pub discount: i64,
    /// Shipping, without tax that comes on top of it.
    pub shipping: i64,
    /// How it is shipped; `null` while nothing is chosen, or where nothing is shipped.
    pub shipping_method: Option<Shipping>,
    /// `not_needed`, `needed` (one is to be chosen before the checkout), `chosen`, `withdrawn` (the chosen one is no longer
    /// offered) or `elsewhere` (it does not go to that country).
    pub shipping_state: Option<String>,
    /// Tax that comes on top of prices and shipping.
    pub tax: i64,
    /// Tax that prices and shipping hold already; no part of the sum.
    pub included_tax: i64,
    /// What is to be paid: subtotal less discount, with shipping and tax.
    pub total: i64,
    /// Sum of the quantities.
    pub total_items: u64,
    /// Number of items.
    pub total_unique_items: usize,
    /// What is in it, in the order it was added.
    pub items: Vec<CartItem>,
    /// What is taken off, and why.
    pub discounts: Vec<Discount>,
    /// The first of the codes that take something off.
    pub discount_code: Option<String>,
    /// Codes that were entered, and why one takes nothing off.
    pub codes: Vec<EnteredCode>,
    /// Who buys; shown to themselves and to staff only.
    pub contact: Option<Contact>,
    /// Who and what brought it about; for staff only.
    pub attribution: Option<Attribution>,
    /// `ord_…` it became.
    pub order_id: Option<String>,
    /// Since when it is abandoned: open, with something in it, and left alone for half an hour.
    pub abandoned_at: Option<DateTime<Utc>>,
    /// When it expires without activity.
    pub expires_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Something that is taken off.
#[derive(Debug, Serialize, ToSchema)]
pub struct Discount {
    /// `off_…` or `vou_…`.
    pub id: String,
    /// What the customer reads.
    pub name: String,
    /// Code that brought it; `null` of an offer, which comes by itself.
    pub code: Option<String>,
    /// How much.
    pub amount: i64,
}

/// A code that was entered.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnteredCode {
    /// In capitals.
    pub code: String,
    /// Whether it takes something off.
    pub applied: bool,
    /// Why it takes nothing off now: `unknown`, `not_yet_valid`, `expired`, `no_matching_product`,
    /// `quantity_not_reached`, `minimum_not_reached`, `not_combinable` or `nothing_left`.
    pub reason: Option<String>,
}

impl From<pb::Discount> for Discount {
    fn from(discount: pb::Discount) -> Self {
        Self { id: discount.promotion, name: discount.name, code: text(discount.code), amount: discount.amount }
    }
}

impl From<pb::EnteredCode> for EnteredCode {
    fn from(entered: pb::EnteredCode) -> Self {
        Self { code: entered.code, applied: entered.idle.is_empty(), reason: text(entered.idle) }
    }
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartItem {
    /// `line_…`.
    pub id: String,
    /// `prd_…`.
    pub product_id: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Name of the product.
    pub name: String,
    /// Description of the product.
    pub description: String,
    /// Main image of the product.
    pub product_image_url: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Price of one, by the server.
    pub price: i64,
    /// Price times quantity.
    pub subtotal: i64,
    /// Its share of what is taken off.
    pub discount: i64,
    /// Tax on top of what is left.
    pub tax: i64,
    /// Tax inside what is left.
    pub included_tax: i64,
    /// Rate of the tax: hundredths of a percent.
    pub tax_rate: u32,
    /// Whether the price holds the tax.
    pub tax_included: bool,
    /// Subscription plan; `null` for a single purchase. While a trial is offered, the item's own `price` is nothing.
    pub plan: Option<CartPlan>,
    /// What the shop front noted with it.
    #[schema(value_type = Object)]
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// Whether the product can still be bought.
    pub is_available: bool,
    /// `physical` or `digital`.
    pub kind: String,
    /// `file`, `bundle` or `combo` for digital products.
    pub package: Option<String>,
    /// Who is to have it, where it is a gift; masked but for the cart's customer and whoever sees personal data.
    pub gift: Option<Gift>,
}

/// A plan by which an item is subscribed to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "plan_01939b7e5d3c7a2c9d2f1e0b7c6a5d53", "name": "Monthly", "interval": "month", "count": 1, "price": 499,
    "trial_days": 0,
}))]
pub struct CartPlan {
    /// `plan_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// Intervals from payment to payment.
    pub count: u32,
    /// Price of one in each payment, in minor units.
    pub price: i64,
    /// Days before the first payment.
    pub trial_days: u32,
}

impl From<Plan> for CartPlan {
    fn from(plan: Plan) -> Self {
        let Plan { id, name, interval, count, price, trial_days, .. } = plan;
        Self { id, name, interval, count, price: price.unwrap_or_default().amount, trial_days }
    }
}

impl Versioned for Cart {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Cart> for Cart {
    fn from(cart: pb::Cart) -> Self {
        Self {
            id: cart.id,
            customer_id: text(cart.customer),
            store: text(cart.store),
            status: cart.status,
            currency: text(cart.currency),
            subtotal: cart.subtotal,
            shipping: cart.shipping,
            shipping_method: cart.shipping_method.map(Into::into),
            shipping_state: text(cart.shipping_state),
            tax: cart.tax,
            included_tax: cart.included_tax,
            total: cart.total,
            total_items: cart.lines.iter().map(|line| u64::from(line.quantity)).sum(),
            total_unique_items: cart.lines.len(),
            items: cart.lines.into_iter().map(Into::into).collect(),
            discount: cart.discount,
            discount_code: cart
                .discounts
                .iter()
                .find(|discount| !discount.code.is_empty())
                .map(|used| used.code.clone()),
            discounts: cart.discounts.into_iter().map(Into::into).collect(),
            codes: cart.codes.into_iter().map(Into::into).collect(),
            contact: cart.contact.map(Into::into),
            attribution: cart.attribution.map(Into::into),
            order_id: text(cart.order),
            abandoned_at: time(cart.abandoned_at),
            expires_at: time(cart.expires_at),
            version: cart.version,
            created_at: time(cart.created_at),
            updated_at: time(cart.updated_at),
        }
    }
}

impl From<pb::Line> for CartItem {
    fn from(line: pb::Line) -> Self {
        Self {
            id: line.id,
            product_id: line.product,
            sku: line.sku,
            name: line.name,
            description: line.description,
            product_image_url: text(line.image_url),
            quantity: line.quantity,
            price: line.price,
            subtotal: line.subtotal,
            discount: line.discount,
            tax: line.tax,
            included_tax: line.included_tax,
            tax_rate: line.tax_rate,
            tax_included: line.tax_included,
            plan: line.plan.map(Into::into),
            meta: serde_json::Map::new(),
            is_available: line.available,
            kind: line.kind,
            package: text(line.package),
            gift: line.gift.map(Into::into),
        }
    }
}
