//! What a gateway's own books say went back of a payment, beside what the ledger says of it (OR-3, OR-5). Nothing here asks
//! or books.
use super::RefundId;

/// A refund, as its gateway has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// Which of ours, if it was asked for here.
    pub refund: Option<RefundId>,
    /// How much, in minor units.
    pub amount: i64,
    /// What the gateway calls it.
    pub reference: String,
    /// Whether the money did not go back, or came back again.
    pub failed: bool,
}

/// An entry of the ledger about money that went back.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Booked {
    /// What the gateway calls it; empty of a time when only the sum was known of what was given back by hand.
    pub reference: String,
    /// How much; less than nothing of what came back again.
    pub amount: i64,
    /// Whether money moved.
    pub succeeded: bool,
}

/// What the ledger lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It went back.
    Book,
    /// So much of what went back has come back again.
    TakeBack(i64),
    /// It has failed before anybody here knew of it. It is written down without counting, so that whoever asked the gateway
    /// before that does not book it.
    Miss,
}

/// What is to be booked of `theirs`, which were made at the gateway by hand, the oldest first, so that each stands in the
/// ledger as it stands there. `entries` are all of the payment's; those without a reference stand for the oldest.
#[must_use]
pub fn steps<'a>(theirs: &'a [Theirs], entries: &[Booked]) -> Vec<(&'a Theirs, Step)> {
    let sum = |wanted: &dyn Fn(&Booked) -> bool| -> i64 {
        entries.iter().filter(|entry| entry.succeeded && wanted(entry)).map(|entry| entry.amount).sum()
    };
    let mut unnamed = sum(&|entry| entry.reference.is_empty() && entry.amount > 0);
    let mut steps = Vec::new();
    for one in theirs {
        let mut back = sum(&|entry| entry.reference == one.reference && entry.amount > 0);
        let again = sum(&|entry| entry.reference == one.reference && entry.amount < 0);
        let is_missed = entries.iter().any(|entry| !entry.succeeded && entry.reference == one.reference);
        if back == 0 && !is_missed && unnamed >= one.amount {
            unnamed -= one.amount;
            back = one.amount;
        }
        match (one.failed, back) {
            _ if is_missed => {}
            (false, 0) => steps.push((one, Step::Book)),
            (true, 0) => steps.push((one, Step::Miss)),
            (true, back) if again == 0 => steps.push((one, Step::TakeBack(back))),
            _ => {}
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn theirs(at: usize, amount: i64, failed: bool) -> Theirs {
        Theirs { refund: None, amount, reference: format!("re_{at}"), failed }
    }

    fn booked(reference: &str, amount: i64, succeeded: bool) -> Booked {
        Booked { reference: reference.to_owned(), amount, succeeded }
    }

    /// As whoever keeps the ledger does it.
    fn apply(entries: &mut Vec<Booked>, theirs: &[Theirs]) {
        for (one, step) in steps(theirs, &entries.clone()) {
            entries.push(match step {
                Step::Book => booked(&one.reference, one.amount, true),
                Step::TakeBack(amount) => booked(&one.reference, -amount, true),
                Step::Miss => booked(&one.reference, one.amount, false),
            });
        }
    }

    fn balance(entries: &[Booked]) -> i64 {
        entries.iter().filter(|entry| entry.succeeded).map(|entry| entry.amount).sum()
    }

    proptest! {
        /// OR-3, OR-5: in whatever order it is heard of refunds that were made and that failed, also of how they stood
        /// before, the ledger comes out as the gateway's books are, and hearing of them again changes nothing.
        #[test]
        fn the_ledger_follows(
            refunds in prop::collection::vec((1_i64..1_000, any::<bool>()), 1..6),
            looks in prop::collection::vec((0_usize..6, 0_usize..6), 0..12), unnamed in 0_usize..6
        ) {
            // How the books looked when so many refunds were made, of which so many had failed if they were to.
            let seen = |made: usize, ended: usize| -> Vec<Theirs> {
                let made = refunds.iter().take(made).enumerate();
                made.map(|(at, (amount, fails))| theirs(at, *amount, *fails && at < ended)).collect()
            };
            // What was booked by its sum, by a version that knew no better.
            let before: i64 = refunds.iter().take(unnamed).map(|(amount, _)| amount).sum();
            let mut entries = vec![booked("", before, true)];
            for (made, ended) in looks {
                apply(&mut entries, &seen(made.max(unnamed), ended));
            }
            let all = seen(refunds.len(), refunds.len());
            apply(&mut entries, &all);
            let good: i64 = all.iter().filter(|one| !one.failed).map(|one| one.amount).sum();
            prop_assert_eq!(balance(&entries), good, "{:?}", &entries);
            prop_assert_eq!(steps(&all, &entries), []);
        }
    }

    /// OR-3: what failed before it was known is written down, counts nothing, and is not booked by whoever asked before.
    #[test]
    fn a_failure_that_is_first() {
        let mut entries = Vec::new();
        apply(&mut entries, &[theirs(1, 500, true)]);
        assert_eq!(entries, [booked("re_1", 500, false)]);
        assert_eq!(steps(&[theirs(1, 500, false)], &entries), []);
    }
}
