//! Shapes that several resources share.
mod address;
mod attachment;
mod attribution;
mod cart;
mod consents;
mod contact;
mod gift;
pub mod import;
mod library;
mod list;
mod money;
mod order;
mod personal_data;
mod product;
mod purchase;
mod receipt;
mod refund;
mod review;
mod saved_address;
mod shipping;
mod subscription;
mod ticket;
mod wish;

use chrono::{DateTime, Utc};

pub use address::Address;
pub use attachment::{Attachment, attachment_ids};
pub use attribution::{Attribution, AttributionChange, CartAttribution, GivenAttribution};
pub use cart::Cart;
pub use consents::{Agreement, Consents, channels};
pub use contact::{Contact, GivenContact};
pub use gift::{Gift, GivenGift};
pub use library::{DownloadPattern, DownloadUse, LibraryItem, MadeDownload, OwnLibraryItem};
pub use list::{List, Place};
pub use money::Money;
pub use order::{Order, OrderLine, Transaction};
pub use personal_data::{LARGEST, PersonalData};
pub use product::{Plan, RenewalTarget};
pub use purchase::Purchase;
pub use receipt::Receipt;
pub use refund::{Refund, Shipment};
pub use review::Review;
pub use saved_address::SavedAddress;
pub use shipping::{Shipping, ShippingChoice, choices as shipping_choices};
pub use subscription::{MethodChoice, PlanChoice, Subscription, SubscriptionReason, TargetChoice};
pub use ticket::{OwnTicket, OwnTicketComment, TicketReply};
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
