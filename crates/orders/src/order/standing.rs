//! How an order stands and what changes it: one match, no way around it.

/// Where an order is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// A draft: its payment has not come about yet. It is in no list.
    Pending,
    /// Paid, or accepted on invoice.
    Placed,
    /// Delivered.
    Completed,
    /// Called off.
    Cancelled,
}

/// How the money of an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Nothing has come in yet.
    Pending,
    /// All of it has come in.
    Paid,
    /// Some of it went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
    /// The last attempt failed.
    Failed,
}

/// How much of an order has left the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Fulfilment {
    /// Nothing.
    Unfulfilled,
    /// Some of it.
    Partial,
    /// All of it, but for what was taken back.
    Fulfilled,
}

/// All three together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The order.
    pub status: Status,
    /// Its money.
    pub payment: PaymentStatus,
    /// Its goods.
    pub fulfilment: Fulfilment,
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// An attempt began.
    Started,
    /// Payment on invoice was agreed.
    Accepted,
    /// The money is there.
    Captured,
    /// The attempt came to nothing.
    Failed,
    /// The ledger has a new entry, and this is what its sums say.
    Booked(PaymentStatus),
    /// Money that went back came again, and this is what the sums say.
    Unreturned(PaymentStatus),
    /// Something left the house, or what had not was taken back.
    Shipped(Fulfilment),
    /// It is called off.
    Cancelled,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Placed, Self::Completed, Self::Cancelled];

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Placed => "placed",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl PaymentStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Paid, Self::PartiallyRefunded, Self::Refunded, Self::Failed];

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
        }
    }
}

impl PaymentStatus {
    /// What the ledger's sums say of an order that costs `total` and stands like this.
    #[must_use]
    pub const fn booked(self, total: i64, captured: i64, refunded: i64) -> Self {
        match (captured < total, refunded) {
            (false, ..=0) => Self::Paid,
            (true, ..=0) => Self::Pending,
            (_, back) if back >= captured => Self::Refunded,
            // An invoice of which a part came and less than that went back is not paid yet.
            (true, _) if matches!(self, Self::Pending) => Self::Pending,
            _ => Self::PartiallyRefunded,
        }
    }

    /// Whether a further entry of the ledger may lead from this to `next`: sums only grow.
    const fn may_become(self, next: Self) -> bool {
        use PaymentStatus::{Failed, Paid, PartiallyRefunded, Pending, Refunded};
        match (self, next) {
            (Failed, _) | (_, Failed) => false,
            (Pending, _) | (Paid, Paid) => true,
            (Paid | PartiallyRefunded | Refunded, next) => matches!(next, PartiallyRefunded | Refunded),
        }
    }
}

impl Fulfilment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unfulfilled, Self::Partial, Self::Fulfilled];

    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Unfulfilled => "unfulfilled",
            Self::Partial => "partial",
            Self::Fulfilled => "fulfilled",
        }
    }
}

impl Standing {
    /// A draft before anything was paid.
    pub const DRAFT: Self =
        Self { status: Status::Pending, payment: PaymentStatus::Pending, fulfilment: Fulfilment::Unfulfilled };

    /// How the order stands after `news`; `None` when such news cannot come any more.
    #[must_use]
    pub const fn after(self, news: News) -> Option<Self> {
        use PaymentStatus as Money;
        let next = match (self.status, self.payment, news) {
            (Status::Pending, Money::Pending | Money::Failed, News::Started) => self.paid(Money::Pending),
            (Status::Pending, Money::Pending, News::Failed) => self.paid(Money::Failed),
            (Status::Pending, Money::Pending, News::Accepted) => Self { status: Status::Placed, ..self },
            (Status::Pending, Money::Pending, News::Captured) => {
                Self { status: Status::Placed, ..self.paid(Money::Paid) }
            }
            // An invoice is paid.
            (Status::Placed | Status::Completed, Money::Pending, News::Captured) => self.paid(Money::Paid),
            (Status::Placed | Status::Completed | Status::Cancelled, now, News::Booked(next))
                if now.may_become(next) =>
            {
                self.paid(next)
            }
            // Money that went back came again.
            (
                Status::Placed | Status::Completed | Status::Cancelled,
                Money::Pending | Money::Paid | Money::PartiallyRefunded | Money::Refunded,
                News::Unreturned(next),
            ) if !matches!(next, Money::Failed) => self.paid(next),
            (Status::Placed, _, News::Shipped(next)) => match (self.fulfilment, next) {
                (Fulfilment::Fulfilled, _) | (_, Fulfilment::Unfulfilled) => return None,
                _ => Self { fulfilment: next, ..self },
            },
            (Status::Placed, _, News::Cancelled) => match self.fulfilment {
                Fulfilment::Unfulfilled => Self { status: Status::Cancelled, ..self },
                Fulfilment::Partial | Fulfilment::Fulfilled => return None,
            },
            _ => return None,
        };
        Some(next.completed())
    }

    const fn paid(self, payment: PaymentStatus) -> Self {
        Self { payment, ..self }
    }

    /// A placed order of which all is delivered and paid is completed.
    const fn completed(self) -> Self {
        use PaymentStatus as Money;
        match self {
            Self {
                status: Status::Placed,
                payment: Money::Paid | Money::PartiallyRefunded | Money::Refunded,
                fulfilment: Fulfilment::Fulfilled,
            } => Self { status: Status::Completed, ..self },
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news() -> Vec<News> {
        let plain = [News::Started, News::Accepted, News::Captured, News::Failed, News::Cancelled];
        let booked = PaymentStatus::ALL.map(News::Booked);
        let shipped = Fulfilment::ALL.map(News::Shipped);
        plain.into_iter().chain(booked).chain(shipped).collect()
    }

    fn everywhere() -> impl Iterator<Item = Standing> {
        Status::ALL.into_iter().flat_map(|status| {
            PaymentStatus::ALL.into_iter().flat_map(move |payment| {
                Fulfilment::ALL.into_iter().map(move |fulfilment| Standing { status, payment, fulfilment })
            })
        })
    }

    fn told(standing: Standing) -> String {
        let Standing { status, payment, fulfilment } = standing;
        format!("{} {} {}", status.slug(), payment.slug(), fulfilment.slug())
    }

    fn moves(of: impl Fn(Standing, News) -> bool) -> Vec<String> {
        let mut moves = Vec::new();
        for from in everywhere() {
            for news in news() {
                if let Some(to) = from.after(news).filter(|_| of(from, news)) {
                    moves.push(format!("{} {news:?} -> {}", told(from), told(to)));
                }
            }
        }
        moves
    }

    /// OR-1: every standing of an unfulfilled order and every piece of news of its payments; whatever is not listed
    /// cannot happen.
    #[test]
    fn only_these_payments_come_about() {
        let of_payments = |from: Standing, news| {
            from.fulfilment == Fulfilment::Unfulfilled
                && matches!(news, News::Started | News::Accepted | News::Captured | News::Failed)
        };
        let expected = [
            "pending pending unfulfilled Started -> pending pending unfulfilled",
            "pending pending unfulfilled Accepted -> placed pending unfulfilled",
            "pending pending unfulfilled Captured -> placed paid unfulfilled",
            "pending pending unfulfilled Failed -> pending failed unfulfilled",
            "pending failed unfulfilled Started -> pending pending unfulfilled",
            "placed pending unfulfilled Captured -> placed paid unfulfilled",
            "completed pending unfulfilled Captured -> completed paid unfulfilled",
        ];
        assert_eq!(moves(of_payments), expected);
    }

    /// OR-2: goods leave placed orders only, never come back by that, and what is all delivered and paid is completed.
    #[test]
    fn only_these_shipments_happen() {
        let shipped = |from: Standing, news| from.payment != PaymentStatus::Failed && matches!(news, News::Shipped(_));
        let mut expected = Vec::new();
        for (payment, done) in [
            ("pending", "placed"),
            ("paid", "completed"),
            ("partially_refunded", "completed"),
            ("refunded", "completed"),
        ] {
            for from in ["unfulfilled", "partial"] {
                expected.push(format!("placed {payment} {from} Shipped(Partial) -> placed {payment} partial"));
                expected.push(format!("placed {payment} {from} Shipped(Fulfilled) -> {done} {payment} fulfilled"));
            }
        }
        assert_eq!(moves(shipped), expected);
    }

    /// OR-2: only a placed order of which nothing has left the house is called off, whatever was paid; nothing else of it
    /// changes by that.
    #[test]
    fn only_what_is_here_is_called_off() {
        for from in everywhere() {
            let can = from.status == Status::Placed && from.fulfilment == Fulfilment::Unfulfilled;
            let expected = can.then_some(Standing { status: Status::Cancelled, ..from });
            assert_eq!(from.after(News::Cancelled), expected, "{from:?}");
        }
    }

    /// OR-4: the ledger moves the money of whatever was placed, cancelled orders among them, and never back to unpaid.
    #[test]
    fn sums_only_grow() {
        for from in everywhere() {
            for to in PaymentStatus::ALL {
                let after = from.after(News::Booked(to));
                let is_draft = from.status == Status::Pending;
                let is_failure = from.payment == PaymentStatus::Failed || to == PaymentStatus::Failed;
                let back = from.payment != PaymentStatus::Pending && to == PaymentStatus::Pending;
                let unreturned = to == PaymentStatus::Paid
                    && matches!(from.payment, PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded);
                assert_eq!(after.is_none(), is_draft || is_failure || back || unreturned, "{from:?} {to:?}");
                if let Some(after) = after {
                    let all_done = from.fulfilment == Fulfilment::Fulfilled && to != PaymentStatus::Pending;
                    let completes = from.status == Status::Placed && all_done;
                    let status = if completes { Status::Completed } else { from.status };
                    assert_eq!(after, Standing { status, payment: to, ..from });
                }
            }
        }
    }

    /// OR-4, OR-5: what failed to go back counts as never gone, of whatever was placed; no order fails by that.
    #[test]
    fn money_comes_again() {
        for from in everywhere() {
            for to in PaymentStatus::ALL {
                let is_draft = from.status == Status::Pending;
                let is_failure = from.payment == PaymentStatus::Failed || to == PaymentStatus::Failed;
                let after = from.after(News::Unreturned(to));
                assert_eq!(
                    after.map(|after| after.payment),
                    (!is_draft && !is_failure).then_some(to),
                    "{from:?} {to:?}"
                );
            }
        }
    }

    /// OR-1: an order is never paid twice by its checkout and never leaves the books by a failed payment.
    #[test]
    fn what_is_paid_hears_of_no_payment_again() {
        for from in everywhere().filter(|from| from.payment == PaymentStatus::Paid) {
            for news in [News::Started, News::Accepted, News::Captured, News::Failed] {
                assert_eq!(from.after(news), None);
            }
        }
    }

    /// OR-4, OR-5: what is paid follows from the sums.
    #[test]
    fn sums_say_what_is_paid() {
        use PaymentStatus::{Paid, PartiallyRefunded, Pending, Refunded};
        for (before, captured, refunded, expected) in [
            (Pending, 0, 0, Pending),
            (Pending, 99, 0, Pending),
            (Pending, 100, 0, Paid),
            (Pending, 101, 0, Paid),
            (Paid, 100, 1, PartiallyRefunded),
            (PartiallyRefunded, 100, 99, PartiallyRefunded),
            (Paid, 100, 100, Refunded),
            (Pending, 40, 40, Refunded),
            (Pending, 40, 10, Pending),
            (Refunded, 70, 40, PartiallyRefunded),
            (Refunded, 100, 40, PartiallyRefunded),
        ] {
            assert_eq!(before.booked(100, captured, refunded), expected, "{before:?} {captured} {refunded}");
            assert!(before.may_become(expected));
        }
        assert_eq!(Pending.booked(0, 0, 0), Paid);
    }
}
