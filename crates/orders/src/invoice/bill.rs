//! What is due of an order, and what may be done about it.
use kit::money::Money;

use crate::{
    order::{Order, PaymentStatus, Status},
    payment::{Gateway, Payment, State},
};

/// An order, what is due of it, and the newest attempt to pay it beside its invoice.
#[derive(Clone, Debug)]
pub struct Bill {
    /// The order, which is placed.
    pub order: Order,
    /// How much has not come in.
    pub due: Money,
    /// The newest attempt by a gateway; none when there was none yet.
    pub attempt: Option<Payment>,
}

/// How a bill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It can be paid.
    Open,
    /// The last attempt came to nothing; it can be paid.
    Declined,
    /// An attempt is underway.
    Underway,
    /// The shopper is at a gateway's page.
    Waiting,
    /// Nothing is due, by whatever way it came in.
    Paid,
    /// The order was called off.
    Cancelled,
}

/// What to do next when somebody wants to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Tell how it stands.
    Tell,
    /// See what becomes of somebody else's attempt.
    Wait,
    /// Ask the gateway what became of the attempt whose shopper came back.
    Ask,
    /// Void the attempt: the shopper wants to pay by other means.
    Abandon,
    /// Take the money.
    Pay,
}

impl Stand {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Open, Self::Declined, Self::Underway, Self::Waiting, Self::Paid, Self::Cancelled];

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Declined => "declined",
            Self::Underway => "pending",
            Self::Waiting => "redirect",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
        }
    }

    /// Of an order that stands at `status`, of which `due` is due, with an attempt in such a state.
    #[must_use]
    pub const fn of((status, payment): (Status, PaymentStatus), due: i64, attempt: Option<State>) -> Self {
        match (status, payment, attempt) {
            // Money may be on its way whatever became of the order.
            (_, _, Some(State::Started)) => Self::Underway,
            (_, _, Some(State::Redirected)) => Self::Waiting,
            (Status::Cancelled, ..) => Self::Cancelled,
            (_, PaymentStatus::Pending, Some(State::Failed)) if due > 0 => Self::Declined,
            (_, PaymentStatus::Pending, _) if due > 0 => Self::Open,
            _ => Self::Paid,
        }
    }
}

/// What to do next: the attempt that there is may be `same` as the one that is wanted; its gateway may have been `asked`
/// before, and somebody else's attempt been `waited` for, which then counts as the answer.
#[must_use]
pub const fn step(stand: Stand, same: bool, (asked, waited): (bool, bool)) -> Step {
    match stand {
        Stand::Paid | Stand::Cancelled => Step::Tell,
        Stand::Underway => Step::Wait,
        Stand::Waiting if same && !asked => Step::Ask,
        Stand::Waiting if same => Step::Tell,
        Stand::Waiting => Step::Abandon,
        Stand::Declined if waited || asked => Step::Tell,
        Stand::Open | Stand::Declined => Step::Pay,
    }
}

impl Bill {
    /// How it stands.
    #[must_use]
    pub fn stand(&self) -> Stand {
        let standing = (self.order.standing.status, self.order.standing.payment);
        Stand::of(standing, self.due.amount, self.attempt.as_ref().map(|attempt| attempt.state))
    }

    /// The attempt that may still turn out either way.
    #[must_use]
    pub fn live(&self) -> Option<&Payment> {
        self.attempt.as_ref().filter(|attempt| attempt.state.is_live())
    }

    /// Whether the attempt is of what is due, by `method` of `gateway`.
    #[must_use]
    pub fn is_by(&self, gateway: Gateway, method: &str) -> bool {
        let same =
            |attempt: &Payment| attempt.gateway == gateway && attempt.method == method && attempt.amount == self.due;
        self.attempt.as_ref().is_some_and(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [Option<State>; 6] = [
        None,
        Some(State::Started),
        Some(State::Redirected),
        Some(State::Accepted),
        Some(State::Captured),
        Some(State::Failed),
    ];

    /// OR-2: every standing of an order beside every state of an attempt: a bill can be paid only while something is due,
    /// nobody is at work on it, and the order was not called off.
    #[test]
    fn every_bill() {
        for status in Status::ALL {
            for payment in PaymentStatus::ALL {
                for due in [0, 1] {
                    for attempt in STATES {
                        let stand = Stand::of((status, payment), due, attempt);
                        let live = attempt.is_some_and(State::is_live);
                        assert_eq!(matches!(stand, Stand::Underway | Stand::Waiting), live);
                        let owed = payment == PaymentStatus::Pending && due > 0 && status != Status::Cancelled;
                        assert_eq!(
                            matches!(stand, Stand::Open | Stand::Declined),
                            owed && !live,
                            "{status:?} {payment:?}"
                        );
                        if stand == Stand::Declined {
                            assert_eq!(attempt, Some(State::Failed));
                        }
                    }
                }
            }
        }
    }

    /// OR-2: every step: the money is taken only where nobody else takes it, and whoever waited for another's attempt takes
    /// none of their own.
    #[test]
    fn every_step() {
        for stand in Stand::ALL {
            for same in [false, true] {
                for before in [(false, false), (false, true), (true, false), (true, true)] {
                    let expected = match (stand, same, before) {
                        (Stand::Open, ..) | (Stand::Declined, _, (false, false)) => Step::Pay,
                        (Stand::Underway, ..) => Step::Wait,
                        (Stand::Waiting, true, (false, _)) => Step::Ask,
                        (Stand::Waiting, false, _) => Step::Abandon,
                        _ => Step::Tell,
                    };
                    assert_eq!(step(stand, same, before), expected, "{stand:?} {same} {before:?}");
                }
            }
        }
    }
}
