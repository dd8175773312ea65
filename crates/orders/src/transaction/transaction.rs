//! An entry of the ledger.
use kit::{failure::Violation, ids::TransactionId};

/// What is told of a payment in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Id.
    pub id: TransactionId,
    /// Whether money moved.
    pub succeeded: bool,
    /// The gateway's own name for it; may be empty.
    pub reference: &'a str,
    /// A sentence about it.
    pub description: &'a str,
}

/// An entry that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Id.
    pub id: TransactionId,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Type {
    /// Money was promised.
    Authorization,
    /// Promised money came in.
    Capture,
    /// Money came in.
    Payment,
    /// Money went back.
    Refund,
    /// A promise was given up.
    Void,
}

impl Type {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Authorization, Self::Capture, Self::Payment, Self::Refund, Self::Void];

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Capture => "capture",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Void => "void",
        }
    }
}

/// How money came or went outside of any gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Method {
    /// Over the counter.
    Cash,
    /// From account to account.
    Transfer,
    /// By card, at a terminal of the store's own.
    Card,
    /// By cheque.
    Cheque,
    /// Otherwise.
    Other,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cash, Self::Transfer, Self::Card, Self::Cheque, Self::Other];

    /// Reads its name; what is none is added to `faults`.
    pub fn parse(name: &str, faults: &mut Vec<Violation>) -> Self {
        let found = Self::ALL.into_iter().find(|method| method.slug() == name);
        found.unwrap_or_else(|| {
            faults.push(Violation::new("/method", "unknown", "one of cash, transfer, card, cheque, other"));
            Self::Other
        })
    }

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Transfer => "transfer",
            Self::Card => "card",
            Self::Cheque => "cheque",
            Self::Other => "other",
        }
    }

    /// What the ledger says of an entry made by hand, whatever words were found for it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Cash => "Cash",
            Self::Transfer => "Bank transfer",
            Self::Card => "Card, at the store's own terminal",
            Self::Cheque => "Cheque",
            Self::Other => "Entered by hand",
        }
    }
}

/// What staff say of an entry that they make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manual {
    /// How the money came or went.
    pub method: Method,
    /// What the bank or the till calls it; may be empty.
    pub reference: String,
    /// Why it is made by hand.
    pub reason: String,
    /// Network address of whoever makes it.
    pub ip: String,
}

/// What the succeeded entries of an order come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Sums {
    /// Payments and captures.
    pub captured: i64,
    /// Refunds.
    pub refunded: i64,
}

impl Sums {
    /// What came in and has not gone back.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.captured - self.refunded
    }
}

/// Reads what a bank or a till calls an entry. It stays in the ledger for ever, so no sentence is taken: 64 letters, digits
/// and `. / # _ -` at most.
pub fn reference(given: &str, faults: &mut Vec<Violation>) -> String {
    let given = given.trim();
    let is_sound = given.len() <= 64 && given.bytes().all(|b| b.is_ascii_alphanumeric() || b"./#_-".contains(&b));
    if !is_sound {
        faults.push(Violation::new("/reference", "malformed", "at most 64 letters, digits and . / # _ -"));
    }
    given.to_owned()
}
