//! A receipt, a credit note or the cancellation of one: what it says is frozen, but for whom it names.
use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use kit::{
    clock::timestamp,
    ids::{OrderId, RealmId, StoreId, TransactionId},
};
use proto::{identity::v1::Store, orders::v1 as pb};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use crate::order::{Contact, Discount};

kit::id! {
    /// A receipt or a credit note.
    ReceiptId, "rcp";
}

/// Which of them. Receipts and credit notes have numbers of their own, as the books of many countries want it; a cancellation
/// is one of the credit notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// Says that an order is paid.
    Receipt,
    /// Says that money went back.
    CreditNote,
    /// Says that money that had gone back came again: all amounts are less than nothing. It is kept as a credit note, which
    /// an earlier version reads.
    Cancellation,
}

impl Kind {
    /// Whose numbers it has.
    #[must_use]
    pub const fn series(self) -> Self {
        match self {
            Self::Receipt => Self::Receipt,
            Self::CreditNote | Self::Cancellation => Self::CreditNote,
        }
    }

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::CreditNote => "credit_note",
            Self::Cancellation => "credit_note_cancellation",
        }
    }

    /// Number `position` of `year`, as people read it.
    #[must_use]
    pub fn number(self, year: i32, position: i64) -> String {
        match self {
            Self::Receipt => format!("{year}-{position:06}"),
            Self::CreditNote | Self::Cancellation => format!("CN-{year}-{position:06}"),
        }
    }
}

/// A receipt or a credit note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Id.
    pub id: ReceiptId,
    /// Customer base of the order.
    pub realm: RealmId,
    /// Store of the order.
    pub store: StoreId,
    /// What it is for.
    pub order: OrderId,
    /// The entry of the ledger that it is for.
    pub transaction: TransactionId,
    /// Which of them.
    pub kind: Kind,
    /// As people read it.
    pub number: String,
    /// What it says.
    pub content: Content,
    /// Who bought, as entered.
    pub contact: Contact,
    /// When the money moved.
    pub issued_at: DateTime<Utc>,
}

/// What is frozen. Amounts are minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Number of the order.
    pub order: String,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// Number of the receipt that a credit note takes from; empty on a receipt.
    pub corrects: String,
    /// Number of the credit note that is cancelled; empty on all others.
    #[serde(default)]
    pub cancels: String,
    /// Who sold it.
    pub seller: Seller,
    /// What was bought, or taken back.
    pub lines: Vec<Item>,
    /// What was taken off.
    pub discounts: Vec<Discount>,
    /// ISO 4217 code.
    pub currency: String,
    /// Sum of the lines.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Shipping.
    pub shipping: i64,
    /// Tax: on top of prices on a receipt; on a credit note all that is within, however prices were told.
    pub tax: i64,
    /// Tax that prices hold already; on a receipt only.
    #[serde(default)]
    pub included_tax: i64,
    /// What was paid, or went back.
    pub total: i64,
    /// How.
    pub payments: Vec<Moved>,
}

/// A store, as it was called then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Name.
    pub name: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Address that its mails come from.
    pub mail: String,
    /// Its shop front.
    pub url: String,
    /// IANA time zone.
    pub timezone: String,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Name then; empty of what went back for no line.
    pub name: String,
    /// SKU then.
    pub sku: String,
    /// How many.
    pub quantity: u32,
    /// Price of one; none on a credit note.
    pub price: Option<i64>,
    /// What they cost, or what went back for them.
    pub amount: i64,
}

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// A sentence about it.
    pub description: String,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: DateTime<Utc>,
}

impl Seller {
    /// `store` as it is called now.
    #[must_use]
    pub fn of(store: &Store) -> Self {
        Self {
            name: store.name.clone(),
            country: store.country.clone(),
            mail: store.mail_from.clone(),
            url: store.url.clone(),
            timezone: store.timezone.clone(),
        }
    }

    /// The year of `at` by its calendar.
    #[must_use]
    pub fn year(&self, at: DateTime<Utc>) -> i32 {
        at.with_timezone(&zone(&self.timezone)).year()
    }
}

/// A time zone by its name; of a name that is none, UTC.
pub(super) fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

impl Content {
    /// The same with every amount less than nothing.
    #[must_use]
    pub fn negated(&self) -> Self {
        let line = |line: &Item| Item { amount: -line.amount, ..line.clone() };
        Self {
            lines: self.lines.iter().map(line).collect(),
            subtotal: -self.subtotal,
            shipping: -self.shipping,
            tax: -self.tax,
            total: -self.total,
            ..self.clone()
        }
    }
}

impl Receipt {
    /// The event that it was issued, for the customer of its order.
    #[must_use]
    pub fn issued(&self, customer: String) -> pb::ReceiptIssued {
        pb::ReceiptIssued {
            realm: self.realm.into(),
            store: self.store.into(),
            order: self.order.into(),
            customer,
            receipt: self.id.into(),
            kind: self.kind.slug().to_owned(),
            number: self.number.clone(),
            total: Some(proto::base::v1::Money { amount: self.content.total, currency: self.content.currency.clone() }),
            at: Some(timestamp(self.issued_at)),
        }
    }
}

impl FromRow<'_, PgRow> for Receipt {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let content: Content = row.try_get::<Json<_>, _>("content")?.0;
        let kind = row.try_get("kind")?;
        Ok(Self {
            id: row.try_get("id")?,
            realm: row.try_get("realm_id")?,
            store: row.try_get("store_id")?,
            order: row.try_get("order_id")?,
            transaction: row.try_get("transaction_id")?,
            kind: if content.cancels.is_empty() { kind } else { Kind::Cancellation },
            number: row.try_get("number")?,
            content,
            contact: row.try_get::<Json<_>, _>("contact")?.0,
            issued_at: row.try_get("issued_at")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-6: the calendar of the store decides the year, and each kind has its own numbers.
    #[test]
    fn years_are_those_of_the_store() {
        let seller = |timezone: &str| Seller { timezone: timezone.to_owned(), ..Seller::default() };
        let at = "2026-12-31T23:30:00Z".parse().expect("a time");
        assert_eq!(seller("Europe/Berlin").year(at), 2027);
        assert_eq!(seller("America/New_York").year(at), 2026);
        assert_eq!(seller("Nowhere").year(at), 2026);
        assert_eq!(Kind::Receipt.number(2026, 7), "2026-000007");
        assert_eq!(Kind::CreditNote.number(2026, 1_234_567), "CN-2026-1234567");
    }
}
