//! A payment: an attempt to get an order paid, and the one way its state changes.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    ids::{OrderId, RealmId, StoreId},
    money::Money,
};
use sqlx::{FromRow, Row, postgres::PgRow};

use super::Gateway;
use crate::{columns, order::News};

kit::id! {
    /// A payment; also the idempotency key of its gateway.
    PaymentId, "pay";
}

/// How long a payment belongs to whoever started it: longer than a call to a gateway may take.
const LEASE: TimeDelta = TimeDelta::seconds(12);
/// Reason of a payment that was given up before anybody decided on it.
pub const NOT_COMPLETED: &str = "not_completed";
/// How long a shopper may stay at a gateway's own page.
pub const REDIRECT: TimeDelta = TimeDelta::minutes(30);

/// An attempt to get an order paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Id.
    pub id: PaymentId,
    /// Customer base of the order.
    pub realm: RealmId,
    /// Store of the order.
    pub store: StoreId,
    /// What is paid.
    pub order: OrderId,
    /// Through which gateway.
    pub gateway: Gateway,
    /// The gateway's payment method; may be empty.
    pub method: String,
    /// How much.
    pub amount: Money,
    /// How it stands.
    pub state: State,
    /// Why it failed.
    pub refusal: Option<Refusal>,
    /// Who takes it: kind and id.
    pub actor: String,
    /// Network address of the client; may be empty.
    pub ip: String,
    /// When it was started.
    pub created_at: DateTime<Utc>,
}

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// The gateway is being asked.
    Started,
    /// The shopper is at the gateway's own page.
    Redirected,
    /// Agreed on invoice: the money comes later.
    Accepted,
    /// The money is there.
    Captured,
    /// It came to nothing; no money moved.
    Failed,
}

/// What a gateway says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The money is there, under the gateway's reference.
    Captured(String),
    /// Payment on invoice is agreed.
    Accepted,
    /// The shopper has to go to the gateway's own page.
    Redirected,
    /// It came to nothing and never will.
    Failed(Refusal),
}

/// Why a payment failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A slug, such as "declined".
    pub reason: String,
    /// A sentence for the shopper.
    pub message: String,
}

/// What a verdict does to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It changes.
    To(State),
    /// It is known already, or older than what is known.
    Stay,
    /// It contradicts what was told before: a defect, at the gateway or here.
    Contradiction,
}

impl State {
    /// Whether the payment may still turn out either way.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Started | Self::Redirected)
    }

    /// How long the reaper leaves a payment alone that comes to this state.
    #[must_use]
    pub const fn lease(self) -> TimeDelta {
        match self {
            Self::Started => LEASE,
            Self::Redirected => REDIRECT,
            Self::Accepted | Self::Captured | Self::Failed => TimeDelta::zero(),
        }
    }

    /// What `verdict` does.
    #[must_use]
    pub const fn after(self, verdict: &Verdict) -> Move {
        match (self, verdict) {
            (Self::Started | Self::Redirected | Self::Accepted, Verdict::Captured(_)) => Move::To(Self::Captured),
            (Self::Started | Self::Redirected, Verdict::Failed(_)) => Move::To(Self::Failed),
            (Self::Started, Verdict::Redirected) => Move::To(Self::Redirected),
            (Self::Started, Verdict::Accepted) => Move::To(Self::Accepted),
            (Self::Captured, Verdict::Captured(_))
            | (Self::Failed, Verdict::Failed(_))
            | (Self::Accepted, Verdict::Accepted)
            // The shopper was sent away before the rest was known.
            | (Self::Redirected | Self::Captured | Self::Failed, Verdict::Redirected) => Move::Stay,
            (Self::Captured | Self::Accepted, Verdict::Failed(_))
            | (Self::Failed, Verdict::Captured(_))
            | (Self::Redirected | Self::Captured | Self::Failed, Verdict::Accepted)
            | (Self::Accepted, Verdict::Redirected) => Move::Contradiction,
        }
    }
}

impl Payment {
    /// What its gateway said of it, if that is decided.
    #[must_use]
    pub fn known(&self) -> Option<Verdict> {
        match self.state {
            State::Started | State::Redirected => None,
            State::Accepted => Some(Verdict::Accepted),
            State::Captured => Some(Verdict::Captured(String::new())),
            State::Failed => {
                Some(Verdict::Failed(self.refusal.clone().unwrap_or_else(|| Refusal::new("declined", "It failed."))))
            }
        }
    }
}

impl Verdict {
    /// What the order hears of it.
    #[must_use]
    pub const fn news(&self) -> Option<News> {
        match self {
            Self::Captured(_) => Some(News::Captured),
            Self::Accepted => Some(News::Accepted),
            Self::Failed(_) => Some(News::Failed),
            Self::Redirected => None,
        }
    }
}

impl Refusal {
    /// A refusal for the slug `reason`, told in the sentence `message`.
    #[must_use]
    pub fn new(reason: &str, message: &str) -> Self {
        Self { reason: reason.to_owned(), message: message.to_owned() }
    }

    /// Whether it says nothing of who pays: the gateway was not reached in time, or nobody was there to ask it.
    #[must_use]
    pub fn is_of_gateway(&self) -> bool {
        self.reason == NOT_COMPLETED
    }
}

impl FromRow<'_, PgRow> for Payment {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let refusal = match (row.try_get("reason")?, row.try_get("message")?) {
            (Some(reason), Some(message)) => Some(Refusal { reason, message }),
            _ => None,
        };
        Ok(Self {
            id: row.try_get("id")?,
            realm: row.try_get("realm_id")?,
            store: row.try_get("store_id")?,
            order: row.try_get("order_id")?,
            gateway: row.try_get("gateway")?,
            method: row.try_get("method")?,
            amount: columns::amount(row, "amount")?,
            state: row.try_get("state")?,
            refusal,
            actor: row.try_get("actor")?,
            ip: row.try_get("ip")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-1: every state and every verdict. Money that came in is never forgotten, a failure never undoes it, and a
    /// late or repeated verdict changes nothing.
    #[test]
    fn every_verdict_in_every_state() {
        use State::{Accepted, Captured, Failed, Redirected, Started};
        let verdicts = [
            Verdict::Captured("r".to_owned()),
            Verdict::Accepted,
            Verdict::Redirected,
            Verdict::Failed(Refusal::new("declined", "No.")),
        ];
        let to = Move::To;
        let (stay, no) = (Move::Stay, Move::Contradiction);
        for (state, expected) in [
            (Started, [to(Captured), to(Accepted), to(Redirected), to(Failed)]),
            (Redirected, [to(Captured), no, stay, to(Failed)]),
            (Accepted, [to(Captured), stay, no, no]),
            (Captured, [stay, no, stay, no]),
            (Failed, [no, no, stay, stay]),
        ] {
            let moves = [0, 1, 2, 3].map(|i| state.after(&verdicts[i]));
            assert_eq!(moves, expected, "{state:?}");
        }
    }
}
