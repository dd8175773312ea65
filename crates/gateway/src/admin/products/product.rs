//! A product as staff see it (CA-1).
use chrono::{DateTime, Utc};
use proto::catalog::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::Versioned,
    shape::{Money, Plan, RenewalTarget, text, time},
};

/// A product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "sku": "MUG-1",
    "name": "Mug", "description": "Holds a pint.", "images": ["https://shop.example.com/mug.jpg"],
    "price": {"amount": 1999, "currency": "EUR"}, "currency": "EUR", "plans": [], "kind": "physical",
    "package": null, "contents": [], "renewal_targets": [], "renewal_target_changeable": false, "tax_class": "standard", "download_limit": 0,
    "active": true, "version": 1, "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Product {
    /// `prd_…`.
    pub id: String,
    /// Store that sells it.
    pub store: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Display name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Addresses of its images, the main one first.
    pub images: Vec<String>,
    /// One-time price; `null` when it is sold by plan only.
    pub price: Option<Money>,
    /// ISO 4217 code of all its prices.
    pub currency: String,
    /// Subscription plans, also those that cannot be subscribed to any more.
    pub plans: Vec<Plan>,
    /// `physical` or `digital`.
    pub kind: String,
    /// `file`, `bundle` or `combo` for digital products.
    pub package: Option<String>,
    /// Digital products inside a bundle or combo, `prd_…`.
    pub contents: Vec<String>,
    /// What a subscription can renew.
    pub renewal_targets: Vec<RenewalTarget>,
    /// Whether customers may change what theirs renews.
    pub renewal_target_changeable: bool,
    /// Which tax rates it takes: `standard`, `reduced` or `zero`.
    pub tax_class: String,
    /// How many downloads of each of its files a buyer has; 0 for any number.
    pub download_limit: u32,
    /// Whether it can be bought.
    pub active: bool,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for Product {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Product> for Product {
    fn from(product: pb::Product) -> Self {
        Self {
            id: product.id,
            store: product.store,
            sku: product.sku,
            name: product.name,
            description: product.description,
            images: product.images,
            price: product.price.map(Into::into),
            currency: product.currency,
            plans: product.plans.into_iter().map(Into::into).collect(),
            kind: product.kind,
            package: text(product.package),
            contents: product.contents,
            renewal_targets: product.renewal_targets.into_iter().map(Into::into).collect(),
            renewal_target_changeable: product.renewal_target_changeable,
            tax_class: product.tax_class,
            download_limit: product.download_limit,
            active: product.active,
            version: product.version,
            created_at: time(product.created_at),
            updated_at: time(product.updated_at),
        }
    }
}
