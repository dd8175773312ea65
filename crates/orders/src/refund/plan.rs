//! What a refund gives back, worked out before anything is written (OR-5).
use std::collections::HashSet;

use kit::{ids::LineId, money::share};

use super::{
    Returned,
    share::{Bill, portion},
};
use crate::{
    error::Error,
    order::{Line, Totals},
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that is left.
    Everything,
    /// So much, for no line.
    Amount(i64),
    /// So many of some lines.
    Lines {
        /// Of which how many.
        lines: Vec<(LineId, u32)>,
        /// Whether shipping goes back, too.
        shipping: bool,
        /// Less than all this costs.
        amount: Option<i64>,
    },
}

/// What is known of an order when it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// What it costs.
    pub totals: &'a Totals,
    /// What it holds.
    pub lines: &'a [Line],
    /// How much came in and has not gone back, nor is about to.
    pub left: i64,
    /// How much was given back for shipping, or is about to be.
    pub shipping_back: i64,
}

/// What goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How much in all.
    pub amount: i64,
    /// How much of it for shipping.
    pub shipping: i64,
    /// For which lines.
    pub lines: Vec<Returned>,
}

impl Plan {
    /// Works out what `wanted` comes to.
    pub fn of(wanted: &Wanted, basis: Basis<'_>) -> Result<Self, Error> {
        let too_large = || Error::RefundTooLarge(basis.totals.money(basis.left));
        let plan = match wanted {
            Wanted::Everything => {
                let rest = basis.lines.iter().map(|line| (line.id, line.quantity - line.refunded));
                let rest: Vec<_> = rest.filter(|(_, quantity)| *quantity > 0).collect();
                let plan = basis.of_lines(&rest, true)?;
                // What was paid in part, or given back without lines, leaves less than all this costs.
                plan.of_amount(basis.left)
            }
            Wanted::Amount(amount) => Self { amount: *amount, shipping: 0, lines: Vec::new() },
            Wanted::Lines { lines, shipping, amount } => {
                let plan = basis.of_lines(lines, *shipping)?;
                let cost = plan.amount;
                let amount = amount.unwrap_or(cost);
                if amount > cost {
                    return Err(Error::RefundTooLarge(basis.totals.money(cost.min(basis.left))));
                }
                plan.of_amount(amount)
            }
        };
        // What was free is taken back, too, whatever was paid for the rest.
        if plan.amount == 0 && !plan.lines.is_empty() && matches!(wanted, Wanted::Lines { .. }) {
            return Ok(plan);
        }
        if basis.left <= 0 || plan.amount <= 0 {
            return Err(Error::NothingToRefund);
        }
        if plan.amount > basis.left { Err(too_large()) } else { Ok(plan) }
    }

    /// The same for `amount` in all. When its parts cost more, each bears its share of the difference, so that they add up
    /// to the amount; what is more than they cost belongs to none of them.
    #[must_use]
    pub fn of_amount(mut self, amount: i64) -> Self {
        let costs: Vec<i64> = self.lines.iter().map(|line| line.amount).chain([self.shipping]).collect();
        if amount < costs.iter().sum() {
            let shares = share(amount, &costs);
            self.lines.iter_mut().zip(&shares).for_each(|(line, share)| line.amount = *share);
            self.shipping = shares.last().copied().unwrap_or_default();
        }
        Self { amount, ..self }
    }

    /// This in two: what `most` is enough for, with all lines, and the rest, which is for none.
    #[must_use]
    pub fn split(self, most: i64) -> (Self, Option<Self>) {
        let rest = self.amount - most;
        if rest <= 0 {
            return (self, None);
        }
        (self.of_amount(most), Some(Self { amount: rest, shipping: 0, lines: Vec::new() }))
    }
}

impl Basis<'_> {
    fn of_lines(&self, wanted: &[(LineId, u32)], shipping: bool) -> Result<Plan, Error> {
        let bill = Bill::of(self.totals, self.lines);
        let mut seen = HashSet::new();
        let mut lines = Vec::new();
        for (id, quantity) in wanted {
            let at =
                self.lines.iter().position(|line| line.id == *id && seen.insert(*id)).ok_or(Error::LineNotFound)?;
            let line = &self.lines[at];
            if *quantity == 0 || *quantity > line.quantity - line.refunded {
                return Err(Error::QuantityTooLarge(line.quantity - line.refunded));
            }
            let amount = portion(bill.lines[at], line.quantity, line.refunded, *quantity);
            lines.push(Returned::new((line.id, line.product), *quantity, amount));
        }
        let shipping = if shipping { (bill.shipping - self.shipping_back).max(0) } else { 0 };
        let amount = lines.iter().map(|line| line.amount).sum::<i64>() + shipping;
        Ok(Plan { amount, shipping, lines })
    }
}

#[cfg(test)]
mod tests {
    use kit::ids::ProductId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn plan(lines: &[i64], shipping: i64) -> Plan {
        let id = Uuid::from_u128(1);
        let line = |amount: &i64| Returned::new((LineId::from_uuid(id), ProductId::from_uuid(id)), 1, *amount);
        Plan { amount: lines.iter().sum::<i64>() + shipping, shipping, lines: lines.iter().map(line).collect() }
    }

    fn parts(plan: &Plan) -> i64 {
        plan.lines.iter().map(|line| line.amount).sum::<i64>() + plan.shipping
    }

    proptest! {
        /// OR-5, CA-11: whatever less than its parts cost goes back, the parts add up to it, and none is more than it
        /// costs or less than nothing; in two they add up all the same.
        #[test]
        fn parts_add_up(
            costs in prop::collection::vec(0_i64..100_000, 1..20), shipping in 0_i64..2_000, share in 0_i64..=1_000
        ) {
            let whole = plan(&costs, shipping);
            let amount = whole.amount * share / 1_000;
            let less = whole.clone().of_amount(amount);
            prop_assert_eq!((less.amount, parts(&less)), (amount, amount));
            prop_assert!(less.lines.iter().zip(&costs).all(|(line, cost)| (0..=*cost).contains(&line.amount)));
            prop_assert!((0..=shipping).contains(&less.shipping));
            let (first, rest) = whole.clone().split(amount);
            prop_assert_eq!(first.amount + rest.map_or(0, |rest| rest.amount), whole.amount);
            prop_assert_eq!(parts(&first), first.amount);
        }
    }

    /// OR-5: what is more than the parts cost is for none of them.
    #[test]
    fn more_is_for_no_part() {
        let more = plan(&[100, 50], 10).of_amount(200);
        assert_eq!((more.amount, parts(&more)), (200, 160));
    }
}
