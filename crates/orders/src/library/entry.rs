//! An entry of the ledger that libraries follow from. Pure.
use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, LineId, OrderId, ProductId, RealmId, StoreId};
use uuid::Uuid;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum What {
    /// A line of an order was paid.
    Purchase,
    /// How many units of a line were bought and given back, as the order has it.
    Correction,
    /// Staff gave it.
    Grant,
    /// It is a gift.
    Gift,
    /// Staff changed how it may be used.
    Edit,
    /// Staff took it away, however it came.
    Revoke,
    /// Units of a line were given back.
    Refund,
}

impl What {
    /// As events name it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Correction => "rebuild",
            Self::Grant => "grant",
            Self::Gift => "gift",
            Self::Edit => "edit",
            Self::Revoke => "revoke",
            Self::Refund => "refund",
        }
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Customer base.
    pub realm: RealmId,
    /// In which order entries were made.
    pub position: i64,
    /// Who sells it.
    pub store: StoreId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Under which id they were known then.
    pub origin: Uuid,
    /// What.
    pub product: ProductId,
    /// The product that was bought or given: a bundle, where `product` came in one.
    pub root: ProductId,
    /// What it says of that.
    pub what: What,
    /// The order it came by.
    pub order: Option<OrderId>,
    /// The order's line.
    pub line: Option<LineId>,
    /// Who bought it for them (OR-1); none of what they bought, or staff gave.
    pub giver: Option<CustomerId>,
    /// Bought, or given back.
    pub units: u32,
    /// Of a correction: how many of those were given back.
    pub units_back: u32,
    /// As it was called then.
    pub name: String,
    /// How it may be used.
    pub terms: Terms,
    /// Why, in the words of staff.
    pub reason: String,
    /// Of a revocation: the ids that the customer was known under till then.
    pub origins: Vec<Uuid>,
    /// Who did it: kind and id.
    pub actor: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How somebody may use what they have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Downloads of each of its files, 0 for any number; none for as many as the product says.
    pub downloads: Option<u32>,
    /// Until when; none for ever.
    pub until: Option<DateTime<Utc>>,
    /// Staff's own words.
    pub note: String,
}
