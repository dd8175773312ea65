//! An offer or a voucher, and the terms that both have (CA-5).
use chrono::{DateTime, Utc};
use kit::clock::timestamp;
use proto::catalog::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::products::Price;
use crate::{
    answer::Versioned,
    shape::{Money, text, time},
};

/// An offer, or a voucher.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "vou_01939b7e5d3c7a2c9d2f1e0b7c6a5d61", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Spring",
    "code": "SPRING-10", "percent": 10.0, "amount": null, "products": [], "min_quantity": null,
    "minimum": {"amount": 5000, "currency": "EUR"}, "starts_at": null, "ends_at": "2026-06-01T00:00:00Z", "active": true,
    "alone": false, "position": 0, "max_uses": 100, "max_uses_per_customer": 1, "version": 1,
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Promotion {
    /// `off_…` or `vou_…`.
    pub id: String,
    /// Whose it is.
    pub store: String,
    /// What the customer reads.
    pub name: String,
    /// A voucher's code, in capitals; `null` of an offer, which comes by itself.
    pub code: Option<String>,
    /// Percentage that is taken off, with two digits behind the point; `null` when it is an amount.
    pub percent: Option<f64>,
    /// What is taken off; `null` when it is a percentage.
    pub amount: Option<Money>,
    /// What it is for, `prd_…`; everything when there is none.
    pub products: Vec<String>,
    /// Pieces of these that it takes at least.
    pub min_quantity: Option<u32>,
    /// What these have to cost at least.
    pub minimum: Option<Money>,
    /// From when on it counts.
    pub starts_at: Option<DateTime<Utc>>,
    /// From when on it counts no longer.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it counts at all.
    pub active: bool,
    /// Whether it counts only where nothing else is taken off.
    pub alone: bool,
    /// Offers are applied from low to high.
    pub position: i32,
    /// Orders that a voucher is good for; `null` for any number.
    pub max_uses: Option<u32>,
    /// Orders of one customer that a voucher is good for; `null` for any number.
    pub max_uses_per_customer: Option<u32>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for Promotion {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Promotion> for Promotion {
    fn from(promotion: pb::Promotion) -> Self {
        let terms = promotion.terms.unwrap_or_default();
        let number = |number| Some(number).filter(|number| *number > 0);
        Self {
            id: promotion.id,
            store: promotion.store,
            name: terms.name,
            code: text(terms.code),
            percent: number(terms.percent).map(|hundredths| f64::from(hundredths) / 100.0),
            amount: terms.amount.map(Into::into),
            products: terms.products,
            min_quantity: number(terms.min_quantity),
            minimum: terms.minimum.map(Into::into),
            starts_at: time(terms.starts_at),
            ends_at: time(terms.ends_at),
            active: terms.active,
            alone: terms.alone,
            position: terms.position,
            max_uses: number(terms.max_uses),
            max_uses_per_customer: number(terms.max_uses_per_customer),
            version: promotion.version,
            created_at: time(promotion.created_at),
            updated_at: time(promotion.updated_at),
        }
    }
}

/// What an offer says: a percentage or an amount, and when it counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Three for ten percent less", "percent": 10, "min_quantity": 3}))]
pub struct OfferTerms {
    /// What the customer reads, 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Percentage to take off; two digits behind the point count.
    #[schema(minimum = 0.01, maximum = 100)]
    pub percent: Option<f64>,
    /// What to take off instead, in the store's currency.
    pub amount: Option<Price>,
    /// What it is for, `prd_…`; everything without it.
    #[schema(max_items = 200, pattern = "^prd_[0-9a-f]{32}$")]
    pub products: Option<Vec<String>>,
    /// Pieces of these that it takes at least.
    #[schema(maximum = 1_000_000)]
    pub min_quantity: Option<u32>,
    /// What these have to cost at least, before anything is taken off.
    pub minimum: Option<Price>,
    /// From when on it counts; always without it.
    pub starts_at: Option<DateTime<Utc>>,
    /// From when on it counts no longer, later than the start; for ever without it.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it counts at all; yes without it.
    pub active: Option<bool>,
    /// Whether it counts only where nothing else is taken off.
    pub alone: Option<bool>,
    /// Offers are applied from low to high, then vouchers; each takes its part of what is left.
    #[schema(minimum = -1_000, maximum = 1_000)]
    pub position: Option<i32>,
}

impl From<OfferTerms> for pb::PromotionTerms {
    fn from(terms: OfferTerms) -> Self {
        Self {
            name: terms.name,
            code: String::new(),
            percent: terms.percent.map(hundredths).unwrap_or_default(),
            amount: terms.amount.map(Into::into),
            products: terms.products.unwrap_or_default(),
            min_quantity: terms.min_quantity.unwrap_or_default(),
            minimum: terms.minimum.map(Into::into),
            starts_at: terms.starts_at.map(timestamp),
            ends_at: terms.ends_at.map(timestamp),
            active: terms.active.unwrap_or(true),
            alone: terms.alone.unwrap_or_default(),
            position: terms.position.unwrap_or_default(),
            max_uses: 0,
            max_uses_per_customer: 0,
        }
    }
}

/// What a voucher says: its code, a percentage or an amount, and when it counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "SPRING-10", "percent": 10, "minimum": {"amount": 5000, "currency": "EUR"}, "max_uses": 100,
    "max_uses_per_customer": 1,
}))]
pub struct VoucherTerms {
    /// 3 to 40 letters, digits, `-` and `_`; their case makes no difference.
    #[schema(pattern = "^[A-Za-z0-9_-]{3,40}$")]
    pub code: String,
    /// What the customer reads; the code without it.
    #[schema(
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// Percentage to take off; two digits behind the point count.
    #[schema(minimum = 0.01, maximum = 100)]
    pub percent: Option<f64>,
    /// What to take off instead, in the store's currency.
    pub amount: Option<Price>,
    /// What it is for, `prd_…`; everything without it.
    #[schema(max_items = 200, pattern = "^prd_[0-9a-f]{32}$")]
    pub products: Option<Vec<String>>,
    /// What these have to cost at least, before anything is taken off.
    pub minimum: Option<Price>,
    /// From when on it counts; always without it.
    pub starts_at: Option<DateTime<Utc>>,
    /// From when on it counts no longer, later than the start; for ever without it.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it counts at all; yes without it.
    pub active: Option<bool>,
    /// Whether it counts only where nothing else is taken off.
    pub alone: Option<bool>,
    /// Orders that it is good for; any number without it.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub max_uses: Option<u32>,
    /// Orders of one customer that it is good for; any number without it.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub max_uses_per_customer: Option<u32>,
}

impl From<VoucherTerms> for pb::PromotionTerms {
    fn from(terms: VoucherTerms) -> Self {
        Self {
            name: terms.name.unwrap_or_else(|| terms.code.clone()),
            // An empty code would make an offer of it.
            code: if terms.code.is_empty() { "?".to_owned() } else { terms.code },
            percent: terms.percent.map(hundredths).unwrap_or_default(),
            amount: terms.amount.map(Into::into),
            products: terms.products.unwrap_or_default(),
            min_quantity: 0,
            minimum: terms.minimum.map(Into::into),
            starts_at: terms.starts_at.map(timestamp),
            ends_at: terms.ends_at.map(timestamp),
            active: terms.active.unwrap_or(true),
            alone: terms.alone.unwrap_or_default(),
            position: 0,
            max_uses: terms.max_uses.unwrap_or_default(),
            max_uses_per_customer: terms.max_uses_per_customer.unwrap_or_default(),
        }
    }
}

/// A percentage as services have it; one out of range stays out of range.
fn hundredths(percent: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are within both")]
    let hundredths = (percent * 100.0).round().clamp(0.0, 1_000_000.0) as u32;
    if hundredths == 0 { 1_000_000 } else { hundredths }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-5: a percentage is read to two digits, and what is none stays none.
    #[test]
    fn percentages_are_read_to_two_digits() {
        let read = [0.01, 0.1, 12.5, 33.33, 100.0].map(hundredths);
        assert_eq!(read, [1, 10, 1_250, 3_333, 10_000]);
        assert!([0.0, -5.0, 0.004, 100.01, 1e300, f64::NAN].map(hundredths).iter().all(|percent| *percent > 10_000));
    }
}
