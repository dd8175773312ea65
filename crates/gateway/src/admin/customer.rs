//! A customer record, as staff see it.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::Versioned,
    shape::{Address, Money, object, text, time},
};

/// A customer. Without `customers.pii` personal fields come masked, and `redacted` names them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "realm": "rlm_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "lifecycle": "customer", "registration": "registered", "status": "active", "name": "Jane Doe",
    "email": "jane@example.com", "phone": "+4930901820", "username": null, "photo_url": null, "business": null,
    "fax": null, "contacts": [], "language": "de", "slug": "jane-doe", "tags": ["vip"], "meta": {},
    "access": {"library_all": false, "directory": false}, "consents": {"email": true}, "orders_count": 3,
    "total_spent": [{"amount": 11994, "currency": "EUR"}], "average_order": [{"amount": 3998, "currency": "EUR"}],
    "first_order_at": "2026-01-02T12:00:00Z", "last_order_at": "2026-03-02T12:00:00Z", "reviews_count": 1,
    "subscriptions": {"active": 1, "cancelled": 0}, "open_carts": 1,
    "registered_at": "2026-01-03T12:00:00Z", "last_activity_at": "2026-03-02T12:00:00Z", "activity": "active",
    "engagement": "regular", "ip": "192.0.2.1",
    "default_address": null, "version": 4, "created_at": "2026-01-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct Customer {
    /// `cus_…`.
    pub id: String,
    /// Customer base, `rlm_…`.
    pub realm: String,
    /// `lead` or `customer`.
    pub lifecycle: String,
    /// `guest` or `registered`.
    pub registration: String,
    /// `active` or `inactive`.
    pub status: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Address of the photo.
    pub photo_url: Option<String>,
    /// Company.
    pub business: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// Further ways to reach the person.
    pub contacts: Vec<ContactMethod>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// Unique name in addresses.
    pub slug: String,
    /// Tags in alphabetical order.
    pub tags: Vec<String>,
    /// Whatever was noted.
    #[schema(value_type = Object)]
    pub meta: serde_json::Value,
    /// Access levels.
    pub access: Access,
    /// Marketing consent per channel.
    pub consents: BTreeMap<String, bool>,
    /// Orders placed.
    pub orders_count: i64,
    /// Captured less refunded, per currency.
    pub total_spent: Vec<Money>,
    /// The same by order.
    pub average_order: Vec<Money>,
    /// First purchase.
    pub first_order_at: Option<DateTime<Utc>>,
    /// Newest purchase.
    pub last_order_at: Option<DateTime<Utc>>,
    /// Reviews written.
    pub reviews_count: i64,
    /// How many subscriptions there are and were.
    pub subscriptions: Subscriptions,
    /// Open carts with something in them.
    pub open_carts: i64,
    /// When the person registered.
    pub registered_at: Option<DateTime<Utc>>,
    /// Last sign of life.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// `active` for a sign of life in the last 30 days, `cooling` in the last 90, else `silent`.
    pub activity: Option<String>,
    /// `none`, `once`, and with more orders by the time between them `frequent`, `regular` or `occasional`.
    pub engagement: Option<String>,
    /// Network address of the first contact.
    pub ip: Option<String>,
    /// Address given at the last purchase.
    pub default_address: Option<Address>,
    /// Grows with every change.
    pub version: i64,
    /// When the record was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// A further way to reach a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactMethod {
    /// What it is, such as `telegram`.
    pub kind: String,
    /// The handle.
    pub value: String,
}

/// Access levels.
#[derive(Debug, Serialize, ToSchema)]
pub struct Access {
    /// All content regardless of purchases.
    pub library_all: bool,
    /// The member directory.
    pub directory: bool,
}

/// How many subscriptions somebody has and had.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionCounts)]
pub struct Subscriptions {
    /// Those that go on: active, past due or paused.
    pub active: i64,
    /// Those that were cancelled, though paid time of them may be left, or that expired.
    pub cancelled: i64,
}

impl Versioned for Customer {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Customer> for Customer {
    fn from(customer: pb::Customer) -> Self {
        let contacts = customer.contacts.into_iter();
        let counts = customer.subscriptions.unwrap_or_default();
        Self {
            id: customer.id,
            realm: customer.realm,
            lifecycle: customer.lifecycle,
            registration: customer.registration,
            status: customer.status,
            name: customer.name,
            email: text(customer.email),
            phone: text(customer.phone),
            username: text(customer.username),
            photo_url: text(customer.photo_url),
            business: text(customer.business),
            fax: text(customer.fax),
            contacts: contacts.map(|way| ContactMethod { kind: way.kind, value: way.value }).collect(),
            language: text(customer.language),
            slug: customer.slug,
            tags: customer.tags,
            meta: object(&customer.meta),
            access: Access { library_all: customer.library_all, directory: customer.directory },
            consents: customer.consents.into_iter().collect(),
            orders_count: customer.orders_count,
            total_spent: customer.total_spent.into_iter().map(Into::into).collect(),
            average_order: customer.average_order.into_iter().map(Into::into).collect(),
            first_order_at: time(customer.first_order_at),
            last_order_at: time(customer.last_order_at),
            reviews_count: customer.reviews_count,
            subscriptions: Subscriptions { active: counts.active, cancelled: counts.cancelled },
            open_carts: customer.open_carts,
            registered_at: time(customer.registered_at),
            last_activity_at: time(customer.last_activity_at),
            activity: text(customer.activity),
            engagement: text(customer.engagement),
            ip: text(customer.ip),
            default_address: customer.address.map(Into::into),
            version: customer.version,
            created_at: time(customer.created_at),
            updated_at: time(customer.updated_at),
            redacted: customer.redacted,
        }
    }
}
