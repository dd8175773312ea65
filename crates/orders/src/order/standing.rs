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

/// Both together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The order.
    pub status: Status,
    /// Its money.
    pub payment: PaymentStatus,
}

/// What a payment tells its order.
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

impl Standing {
    /// A draft before anything was paid.
    pub const DRAFT: Self = Self { status: Status::Pending, payment: PaymentStatus::Pending };

    /// How the order stands after `news`; `None` when such news cannot come any more.
    #[must_use]
    pub const fn after(self, news: News) -> Option<Self> {
        let (status, payment) = match (self.status, self.payment, news) {
            (Status::Pending, PaymentStatus::Pending | PaymentStatus::Failed, News::Started) => {
                (Status::Pending, PaymentStatus::Pending)
            }
            (Status::Pending, PaymentStatus::Pending, News::Failed) => (Status::Pending, PaymentStatus::Failed),
            (Status::Pending, PaymentStatus::Pending, News::Accepted) => (Status::Placed, PaymentStatus::Pending),
            (Status::Pending, PaymentStatus::Pending, News::Captured) => (Status::Placed, PaymentStatus::Paid),
            // An invoice is paid.
            (status @ (Status::Placed | Status::Completed), PaymentStatus::Pending, News::Captured) => {
                (status, PaymentStatus::Paid)
            }
            _ => return None,
        };
        Some(Self { status, payment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWS: [News; 4] = [News::Started, News::Accepted, News::Captured, News::Failed];

    /// OR-1: every standing and every piece of news; whatever is not listed here cannot happen.
    #[test]
    fn only_these_moves_exist() {
        let mut moves = Vec::new();
        for status in Status::ALL {
            for payment in PaymentStatus::ALL {
                for news in NEWS {
                    if let Some(to) = (Standing { status, payment }).after(news) {
                        let (from, to) = ((status.slug(), payment.slug()), (to.status.slug(), to.payment.slug()));
                        moves.push(format!("{} {} {news:?} -> {} {}", from.0, from.1, to.0, to.1));
                    }
                }
            }
        }
        let expected = [
            "pending pending Started -> pending pending",
            "pending pending Accepted -> placed pending",
            "pending pending Captured -> placed paid",
            "pending pending Failed -> pending failed",
            "pending failed Started -> pending pending",
            "placed pending Captured -> placed paid",
            "completed pending Captured -> completed paid",
        ];
        assert_eq!(moves, expected);
    }

    /// OR-1: an order is never paid twice and never leaves the books by a failed payment.
    #[test]
    fn what_is_paid_hears_of_no_payment_again() {
        for status in Status::ALL {
            for news in NEWS {
                assert_eq!(Standing { status, payment: PaymentStatus::Paid }.after(news), None);
            }
        }
    }
}
