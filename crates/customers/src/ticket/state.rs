//! The words that tickets go by.
use kit::failure::Violation;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// Nobody has looked at it yet.
    New,
    /// It is the staff's turn.
    Open,
    /// It is the customer's turn.
    Pending,
    /// There is an answer; it closes by itself.
    Solved,
    /// Over.
    Closed,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is its own name")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

/// Where it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    /// By a shopper in the account portal.
    Portal,
    /// By a customer in a shop front.
    Api,
    /// By staff or an integration.
    Staff,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Open, Self::Pending, Self::Solved, Self::Closed];

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    /// Reads what staff may make of a ticket: it is new only once.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let known = Self::ALL.into_iter().find(|status| *status != Self::New && status.slug() == text);
        known.ok_or_else(|| Violation::new("/status", "unknown", "a ticket becomes open, pending, solved or closed"))
    }
}

impl Priority {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let known = Self::ALL.into_iter().find(|priority| priority.slug() == text);
        known.ok_or_else(|| Violation::new("/priority", "unknown", "a priority is low, normal, high or urgent"))
    }
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Portal, Self::Api, Self::Staff];

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Api => "api",
            Self::Staff => "staff",
        }
    }
}
