//! What the people at the other ends of the connections do.
mod buying;
mod reading;
mod visitor;

use clap::ValueEnum;
use serde::Serialize;

pub use visitor::Visitor;

/// What is done again and again. A flow is one round of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Scenario {
    /// Staff open one customer.
    Customer,
    /// Integrations open customers whom they mostly have not read in that minute, which is recorded (AD-1).
    CustomerNoted,
    /// The same without seeing who they are, so that there is nothing to record.
    CustomerMasked,
    /// Staff search, half the time by the beginning of a name, half by a rare part of an e-mail address.
    Search,
    /// Staff list those who spent most.
    Sort,
    /// Staff open everything about one customer.
    Profile,
    /// A shopper opens a cart and puts something in.
    CartLine,
    /// A new shopper buys something: cart, line, checkout, capture.
    Purchase,
    /// Somebody tries a wrong password of a customer.
    LoginWrong,
    /// Somebody tries to sign in who has no account: it must not take another time than a wrong password (ID-7).
    LoginUnknown,
    /// A customer signs in with a password.
    Login,
}

impl Scenario {
    /// All of them, in the order in which they are measured: what changes the store comes last.
    pub const ALL: [Self; 11] = [
        Self::Customer,
        Self::CustomerMasked,
        Self::CustomerNoted,
        Self::Search,
        Self::Sort,
        Self::Profile,
        Self::LoginWrong,
        Self::LoginUnknown,
        Self::Login,
        Self::CartLine,
        Self::Purchase,
    ];

    /// Whether events tell of it.
    #[must_use]
    pub const fn has_events(self) -> bool {
        matches!(self, Self::Purchase)
    }

    /// One round.
    pub async fn flow(self, visitor: &mut Visitor) -> anyhow::Result<()> {
        match self {
            Self::Customer => reading::customer(visitor).await,
            Self::CustomerNoted => reading::noted(visitor).await,
            Self::CustomerMasked => reading::masked(visitor).await,
            Self::Search => reading::search(visitor).await,
            Self::Sort => reading::sort(visitor).await,
            Self::Profile => reading::profile(visitor).await,
            Self::CartLine => buying::cart_with_line(visitor).await.map(drop),
            Self::Purchase => buying::purchase(visitor).await,
            Self::LoginWrong => buying::log_in_wrongly(visitor).await,
            Self::LoginUnknown => buying::log_in_as_nobody(visitor).await,
            Self::Login => buying::log_in(visitor).await,
        }
    }
}
