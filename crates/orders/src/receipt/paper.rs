//! What stands on a receipt or a credit note, put into words once for HTML and PDF.
use chrono::{DateTime, Utc};

/// A document in words. Nothing in it is escaped, and any of it may run from right to left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// "Receipt", "Credit note" or "Cancellation of credit note".
    pub heading: String,
    /// Its number.
    pub number: String,
    /// Who sold: the name first.
    pub seller: Vec<String>,
    /// Who bought, as far as it may be read.
    pub buyer: Vec<String>,
    /// Dates and other numbers: a word and what it is.
    pub facts: Vec<(String, String)>,
    /// What it is about.
    pub rows: Vec<Row>,
    /// What it comes to.
    pub sums: Vec<Sum>,
    /// Sentences below.
    pub remarks: Vec<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// In small letters below; may be empty.
    pub detail: String,
    /// How many; may be empty.
    pub quantity: String,
    /// Price of one; may be empty.
    pub price: String,
    /// What they cost.
    pub amount: String,
}

/// A line below all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// What it is.
    pub label: String,
    /// How much.
    pub amount: String,
    /// Whether it is what matters.
    pub strong: bool,
}

impl Paper {
    /// What windows and files are called.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.heading, self.number)
    }
}
