//! A wish, as the API shows it (CA-10).
use chrono::{DateTime, Utc};
use proto::carts::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Money, text, time};

/// A product that somebody wishes for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "name": "Field recordings (album)", "product_image_url": "https://shop.example.com/album.jpg",
    "price": {"amount": 990, "currency": "EUR"}, "wished_at": "2026-03-02T12:00:00Z", "bought_at": null, "order": null,
}))]
pub struct Wish {
    /// `prd_…`.
    pub product_id: String,
    /// Who sells it, `sto_…`.
    pub store: String,
    /// What it is called.
    pub name: String,
    /// Its main image.
    pub product_image_url: Option<String>,
    /// Price of one now; null when it cannot be bought.
    pub price: Option<Money>,
    /// When it was wished for.
    pub wished_at: Option<DateTime<Utc>>,
    /// When it was first bought since.
    pub bought_at: Option<DateTime<Utc>>,
    /// That order, `ord_…`.
    pub order: Option<String>,
}

impl From<pb::Wish> for Wish {
    fn from(wish: pb::Wish) -> Self {
        Self {
            product_id: wish.product,
            store: wish.store,
            name: wish.name,
            product_image_url: text(wish.image_url),
            price: wish.price.map(Into::into),
            wished_at: time(wish.wished_at),
            bought_at: time(wish.bought_at),
            order: text(wish.order),
        }
    }
}
