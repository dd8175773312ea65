//! How a subscription stands and what changes it: one match, no way around it (OR-7).

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Paid, or within its trial.
    Active,
    /// A renewal failed, and will be tried again.
    PastDue,
    /// Nothing is charged until it is resumed.
    Paused,
    /// Cancelled; what is paid for has not run out yet.
    Leaving,
    /// Cancelled, and over.
    Ended,
    /// Over, since it could not be charged.
    Expired,
}

/// What happens to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A period was paid, or agreed on invoice.
    Renewed,
    /// A period could not be charged; it will be tried again.
    Declined,
    /// It could not, and will not be tried any more.
    GivenUp,
    /// It rests.
    Paused,
    /// It goes on, from a pause or though it was cancelled.
    Resumed,
    /// It is cancelled as of the end of what is paid for.
    Cancelled,
    /// It is cancelled at once.
    CutOff,
    /// What was paid for before it was cancelled has run out.
    RanOut,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Active, Self::PastDue, Self::Paused, Self::Leaving, Self::Ended, Self::Expired];

    /// Statuses as the API writes them.
    pub const SLUGS: [&str; 5] = ["active", "past_due", "paused", "cancelled", "expired"];

    /// As the API writes it: whether a cancelled one is over stands beside it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Paused => "paused",
            Self::Leaving | Self::Ended => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing ever happens to it again.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Expired)
    }

    /// How it stands after `news`; `None` when that cannot happen to it.
    #[must_use]
    pub const fn after(self, news: News) -> Option<Self> {
        use State::{Active, Ended, Expired, Leaving, PastDue, Paused};
        match (self, news) {
            (Active | PastDue, News::Renewed) | (Paused | Leaving, News::Resumed) => Some(Active),
            (Active | PastDue, News::Declined) => Some(PastDue),
            (Active | PastDue, News::GivenUp) => Some(Expired),
            // It came to rest while it was charged, which ends as it ends.
            (Active, News::Paused) | (Paused, News::Renewed | News::Declined | News::GivenUp) => Some(Paused),
            (Active | Paused, News::Cancelled) => Some(Leaving),
            // Nothing is paid for that could run out.
            (PastDue, News::Cancelled)
            | (Active | PastDue | Paused | Leaving, News::CutOff)
            | (Leaving, News::RanOut) => Some(Ended),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-7: every state and everything that may happen.
    #[test]
    fn everything_in_every_state() {
        use State::{Active, Ended, Expired, Leaving, PastDue, Paused};
        let all = [
            News::Renewed,
            News::Declined,
            News::GivenUp,
            News::Paused,
            News::Resumed,
            News::Cancelled,
            News::CutOff,
            News::RanOut,
        ];
        let (yes, no) = (Some, None);
        for (state, expected) in [
            (Active, [yes(Active), yes(PastDue), yes(Expired), yes(Paused), no, yes(Leaving), yes(Ended), no]),
            (PastDue, [yes(Active), yes(PastDue), yes(Expired), no, no, yes(Ended), yes(Ended), no]),
            (Paused, [yes(Paused), yes(Paused), yes(Paused), no, yes(Active), yes(Leaving), yes(Ended), no]),
            (Leaving, [no, no, no, no, yes(Active), no, yes(Ended), yes(Ended)]),
            (Ended, [no; 8]),
            (Expired, [no; 8]),
        ] {
            let after: Vec<_> = all.into_iter().map(|news| state.after(news)).collect();
            assert_eq!(after, expected, "{state:?}");
            assert_eq!(state.is_over(), expected == [no; 8]);
            assert!(State::SLUGS.contains(&state.slug()));
        }
    }
}
