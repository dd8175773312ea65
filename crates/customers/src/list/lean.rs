//! Where in a list of the newest the hits of a filter stand: spread over it, far down, or in an index of their own.
use super::{
    field::Field,
    filter::{Filter, Op, Values},
};

impl Filter {
    /// Whether it asks for nothing but how often those bought who did so more than once: they have an index of their own, which
    /// knows that of each.
    pub fn is_of_repeaters(&self) -> bool {
        match self {
            Self::And(filters) => filters.iter().all(Self::is_of_repeaters),
            _ => self.ordered_at_least().is_some_and(|least| least >= 2),
        }
    }

    /// Whether all that it leaves meet a condition that old customers meet more often than new ones, or few do. Who came back
    /// has an index of their own; who bought before some day is met where the list begins.
    pub fn leans(&self) -> bool {
        match self {
            Self::And(filters) => {
                let begins_late = filters.iter().any(Self::is_silence);
                filters.iter().any(|filter| filter.leans() && !(begins_late && filter.is_buyer()))
            }
            Self::Test(Field::OrdersCount, ..) if self.came_back() => false,
            Self::Test(Field::OrdersCount | Field::TotalSpent | Field::LastOrderAt, op, _) => {
                matches!(op, Op::Eq | Op::Gt | Op::Gte | Op::Between)
            }
            Self::Test(Field::Subscription, op, _) => matches!(op, Op::Eq | Op::In),
            Self::Test(..) | Self::Or(_) | Self::Not(_) => false,
        }
    }

    /// Whether it is that somebody bought at all.
    fn is_buyer(&self) -> bool {
        self.ordered_at_least() == Some(1)
    }

    /// Whether it is that somebody bought more than once.
    fn came_back(&self) -> bool {
        self.ordered_at_least() == Some(2)
    }

    fn ordered_at_least(&self) -> Option<i64> {
        match self {
            Self::Test(Field::OrdersCount, Op::Gte | Op::Eq | Op::Between, Values::Number(least)) => {
                least.iter().copied().min()
            }
            Self::Test(Field::OrdersCount, Op::Gt, Values::Number(less)) => less.first().map(|less| less + 1),
            _ => None,
        }
    }

    /// Whether it is that somebody has not bought, or done anything, since some time.
    fn is_silence(&self) -> bool {
        matches!(self, Self::Test(Field::LastOrderAt | Field::LastActivityAt, Op::Lt | Op::Lte, _))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(op: Op, times: &[i64]) -> Filter {
        Filter::Test(Field::OrdersCount, op, Values::Number(times.to_vec()))
    }

    /// CU-5: who bought much may stand far down; who came back is found by an index that knows how often, and who bought and
    /// then fell silent where the list begins.
    #[test]
    fn where_hits_stand() {
        let silent = |field| Filter::Test(field, Op::Lte, Values::Time(Vec::new()));
        let spent = Filter::Test(Field::TotalSpent, Op::Gte, Values::Number(vec![100]));
        for (filter, leans, of_repeaters) in [
            (ordered(Op::Gte, &[1]), true, false),
            (ordered(Op::Gt, &[0]), true, false),
            (ordered(Op::Gte, &[2]), false, true),
            (ordered(Op::Gt, &[1]), false, true),
            (ordered(Op::Eq, &[3]), true, true),
            (ordered(Op::Between, &[2, 9]), false, true),
            (ordered(Op::Between, &[1, 9]), true, false),
            (ordered(Op::Lt, &[9]), false, false),
            (spent.clone(), true, false),
            (Filter::And(vec![ordered(Op::Gte, &[2]), ordered(Op::Gte, &[5])]), true, true),
            (Filter::And(vec![ordered(Op::Gte, &[2]), spent.clone()]), true, false),
            (Filter::And(vec![ordered(Op::Gte, &[1]), silent(Field::LastActivityAt)]), false, false),
            (Filter::And(vec![ordered(Op::Gte, &[1]), silent(Field::LastOrderAt)]), false, false),
            (Filter::And(vec![ordered(Op::Gte, &[3]), silent(Field::LastOrderAt)]), true, false),
            (Filter::Or(vec![spent]), false, false),
        ] {
            assert_eq!((filter.leans(), filter.is_of_repeaters()), (leans, of_repeaters), "{filter:?}");
        }
    }
}
