//! A customer, as shop clients read it.
use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::guest_cart::GuestCart;
use crate::{
    answer::Versioned,
    shape::{Address, object, text, time},
};

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShopCustomer, example = json!({
    "id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "name": "Jane Doe", "email": "jane@example.com",
    "phone": "+4930901820", "photo_url": null, "address": "Lindenstraße 9, 10969 Berlin, DE",
    "addresses": [{
        "name": "Jane Doe", "line1": "Lindenstraße 9", "city": "Berlin", "postal_code": "10969", "country": "DE",
    }],
    "language": "de", "meta": {}, "slug": "jane-doe", "orders": 3, "version": 4,
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Customer {
    /// `cus_…`.
    pub id: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// Address of the photo.
    pub photo_url: Option<String>,
    /// The default address in one line.
    pub address: Option<String>,
    /// Addresses that are known.
    pub addresses: Vec<Address>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// Whatever the shop noted.
    #[schema(value_type = Object)]
    pub meta: serde_json::Value,
    /// Unique name in addresses.
    pub slug: String,
    /// Number of orders.
    pub orders: i64,
    /// To be sent as `Customer-Token`; only in the answer that signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What became of the cart that was filled before; only in the answer that signs in, when one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cart: Option<GuestCart>,
    /// Grows with every change.
    pub version: i64,
    /// When the record was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Versioned for Customer {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Customer> for Customer {
    fn from(customer: pb::Customer) -> Self {
        let address = customer.address.map(Address::from);
        Self {
            id: customer.id,
            name: customer.name,
            email: text(customer.email),
            phone: text(customer.phone),
            photo_url: text(customer.photo_url),
            address: address.as_ref().map(Address::line),
            addresses: address.into_iter().collect(),
            language: text(customer.language),
            meta: object(&customer.meta),
            slug: customer.slug,
            orders: customer.orders_count,
            token: None,
            cart: None,
            version: customer.version,
            created_at: time(customer.created_at),
            updated_at: time(customer.updated_at),
        }
    }
}
