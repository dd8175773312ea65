//! Shapes that several resources share.
mod address;
mod cart;
mod consents;
mod contact;
mod list;
mod money;
mod order;
mod personal_data;
mod review;
mod saved_address;
mod wish;

use chrono::{DateTime, Utc};

pub use address::Address;
pub use cart::Cart;
pub use consents::{Agreement, Consents, channels};
pub use contact::{Contact, GivenContact};
pub use list::List;
pub use money::Money;
pub use order::Order;
pub use personal_data::{LARGEST, PersonalData};
pub use review::Review;
pub use saved_address::SavedAddress;
pub use wish::Wish;

/// A text that may be missing: services send an empty one, the API `null`.
pub fn text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// A moment that may be missing.
pub fn time(at: Option<prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    at.as_ref().and_then(kit::clock::datetime)
}

/// A JSON object that travelled as text.
pub fn object(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| serde_json::json!({}))
}
