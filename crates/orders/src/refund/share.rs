//! What each unit of an order has cost, to the last minor unit: giving everything back in any portions comes to exactly
//! what the order cost (OR-5, CA-11).
use kit::money::share;

use crate::order::{Line, Totals};

/// What the parts of an order cost: together, its total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// By line, in the order's sequence.
    pub lines: Vec<i64>,
    /// Shipping.
    pub shipping: i64,
}

impl Bill {
    /// The bill of an order that costs `totals` and holds `lines`. Shipping bears its own tax. What of discount and tax
    /// stands in no line is shared among the lines by the largest remainder; what no line can bear, shipping does.
    #[must_use]
    pub fn of(totals: &Totals, lines: &[Line]) -> Self {
        let own: Vec<i64> = lines.iter().map(|line| line.subtotal - line.discount + line.tax).collect();
        let sum: i64 = own.iter().sum();
        let odd = totals.total - totals.shipping - totals.shipping_tax - sum;
        let borne = if sum == 0 { 0 } else { odd.max(-sum) };
        let extra = share(borne, &own);
        let lines: Vec<i64> = own.iter().zip(extra).map(|(own, extra)| own + extra).collect();
        let shipping = totals.total - lines.iter().sum::<i64>();
        Self { lines, shipping }
    }
}

/// What `taken` further units of a line cost after `before` of its `quantity`, the whole of which costs `cost`. Each unit
/// costs the same, or one minor unit more; all of them together cost all of it.
#[must_use]
pub fn portion(cost: i64, quantity: u32, before: u32, taken: u32) -> i64 {
    let until = |units: u32| i128::from(cost) * i128::from(units) / i128::from(quantity.max(1));
    i64::try_from(until(before + taken) - until(before)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::{
        ids::{LineId, ProductId},
        money::Currency,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::order::TaxRate;

    fn line(price: i64, quantity: u32, off: i64, tax: i64) -> Line {
        let now = DateTime::UNIX_EPOCH;
        let subtotal = price * i64::from(quantity);
        Line {
            id: LineId::new(now),
            product: ProductId::new(now),
            sku: String::new(),
            name: String::new(),
            quantity,
            price,
            subtotal,
            kind: "physical".to_owned(),
            discount: off.min(subtotal),
            tax,
            included_tax: 0,
            tax_rate: TaxRate::default(),
            plan: None,
            package: String::new(),
            contents: None,
            gift: None,
            fulfilled: 0,
            refunded: 0,
        }
    }

    fn totals(lines: &[Line], (discount, shipping, tax): (i64, i64, i64)) -> Totals {
        shipped(lines, (discount, shipping, 0, tax))
    }

    fn shipped(lines: &[Line], (discount, shipping, shipping_tax, tax): (i64, i64, i64, i64)) -> Totals {
        let subtotal: i64 = lines.iter().map(|line| line.subtotal).sum();
        let discount = (discount + lines.iter().map(|line| line.discount).sum::<i64>()).min(subtotal + shipping);
        let tax = tax + shipping_tax + lines.iter().map(|line| line.tax).sum::<i64>();
        let total = subtotal - discount + shipping + tax;
        Totals { currency: Currency::EUR, subtotal, discount, shipping, tax, shipping_tax, included_tax: 0, total }
    }

    proptest! {
        /// OR-5, CA-11: the parts are never negative and add up to what the order costs, whatever its discounts and taxes
        /// are and wherever they stand; so does everything that is given back, in any portions.
        #[test]
        fn everything_given_back_is_everything(
            lines in prop::collection::vec((0_i64..100_000, 1_u32..50, 0_i64..2_000, 0_i64..2_000), 1..20),
            more in (0_i64..50_000, 0_i64..3_000, 0_i64..600, 0_i64..3_000), cuts in prop::collection::vec(0_u32..50, 20)
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(price, n, off, tax)| line(price, n, off, tax)).collect();
            let totals = shipped(&lines, more);
            let bill = Bill::of(&totals, &lines);
            prop_assert!(bill.shipping >= 0 && bill.lines.iter().all(|cost| *cost >= 0), "{bill:?}");
            prop_assert_eq!(bill.lines.iter().sum::<i64>() + bill.shipping, totals.total);
            let mut back = bill.shipping;
            for ((line, cost), cut) in lines.iter().zip(&bill.lines).zip(cuts) {
                let cut = cut.min(line.quantity);
                back += portion(*cost, line.quantity, 0, cut) + portion(*cost, line.quantity, cut, line.quantity - cut);
            }
            prop_assert_eq!(back, totals.total);
        }

        /// CA-11: no unit costs more than one minor unit more than another of its line.
        #[test]
        fn units_cost_the_same(cost in 0_i64..1_000_000, quantity in 1_u32..200) {
            let units: Vec<i64> = (0..quantity).map(|before| portion(cost, quantity, before, 1)).collect();
            let (least, most) = (units.iter().min(), units.iter().max());
            prop_assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1));
            prop_assert_eq!(units.iter().sum::<i64>(), cost);
        }
    }

    /// OR-5: a discount of the whole order is shared by what the lines cost; free shipping is borne by shipping.
    #[test]
    fn a_discount_is_shared() {
        let lines = [line(100, 1, 0, 0), line(200, 1, 0, 0)];
        assert_eq!(Bill::of(&totals(&lines, (100, 50, 0)), &lines), Bill { lines: vec![67, 133], shipping: 50 });
        assert_eq!(Bill::of(&totals(&lines, (350, 50, 0)), &lines), Bill { lines: vec![0, 0], shipping: 0 });
        assert_eq!(Bill::of(&totals(&lines, (320, 50, 0)), &lines), Bill { lines: vec![0, 0], shipping: 30 });
    }

    /// OR-5, CA-11: what shipping is taxed goes back with shipping, not with what was shipped.
    #[test]
    fn shipping_bears_its_own_tax() {
        let lines = [line(100, 1, 0, 19), line(200, 1, 0, 38)];
        let bill = Bill::of(&shipped(&lines, (0, 50, 10, 0)), &lines);
        assert_eq!(bill, Bill { lines: vec![119, 238], shipping: 60 });
    }
}
