//! How much tax is in what went back (OR-6, CA-11).
use kit::{ids::LineId, money::proportion};

use super::{
    Kind, Receipt,
    cancelled::{cancelled, is_whole},
    lacking::{Basis, Entry},
};
use crate::{order::Line, transaction::Type};

impl Basis<'_> {
    /// How much tax is in the refund `at` its place: what is in all until then, less what the `papers` before have of it, so
    /// that together they always say what went back.
    pub fn tax_after(&self, at: usize, papers: &[Receipt]) -> i64 {
        let before = papers.iter().filter(|paper| paper.kind != Kind::Receipt).map(|paper| paper.content.tax);
        self.tax_back(at + 1) - before.sum::<i64>()
    }

    /// How much tax is in what went back until an entry and did not come again: of each line and of shipping its share, of
    /// what was for no line that of the whole order. All of it when all went back, and never more.
    fn tax_back(&self, until: usize) -> i64 {
        let totals = &self.order.totals;
        let all_tax = totals.tax + totals.included_tax;
        let refunds = standing(&self.entries[..until]);
        let back: i64 = refunds.iter().map(|entry| entry.amount).sum();
        if back >= totals.total {
            return all_tax;
        }
        let of_lines: i64 = self.lines.iter().map(tax_of).sum();
        if of_lines == 0 {
            return proportion(all_tax, back, totals.total); // of orders that are older than taxes of lines
        }
        let share =
            |tax: i64, part: i64, whole: i64| if whole > 0 { proportion(tax, part.min(whole), whole) } else { 0 };
        let all = || refunds.iter().flat_map(|entry| entry.lines.iter().flatten());
        let lines = self.lines.iter().map(|line| {
            let part = all().filter(|back| LineId::from_uuid(back.line) == line.id).map(|back| back.amount).sum();
            share(tax_of(line), part, line.subtotal - line.discount + line.tax)
        });
        let shipping = refunds.iter().filter_map(|entry| entry.shipping).sum::<i64>();
        let of_shipping = all_tax - of_lines;
        let rest = back - shipping - all().map(|back| back.amount).sum::<i64>();
        let tax = lines.sum::<i64>() + share(of_shipping, shipping, totals.shipping + totals.shipping_tax);
        (tax + share(all_tax, rest, totals.total)).min(all_tax)
    }
}

/// The refunds among `entries`, without those of which all came again.
fn standing(entries: &[Entry]) -> Vec<&Entry> {
    let pairs = cancelled(entries);
    let whole = pairs.iter().enumerate().filter_map(|(again, back)| back.map(|back| (again, back)));
    let gone: Vec<_> =
        whole.filter(|(again, back)| is_whole(&entries[*back], &entries[*again])).flat_map(|(a, b)| [a, b]).collect();
    let refunds = entries.iter().enumerate().filter(|(_, entry)| entry.kind == Type::Refund);
    refunds.filter(|(at, _)| !gone.contains(at)).map(|(_, entry)| entry).collect()
}

/// The tax of a line, on top of its price or within.
const fn tax_of(line: &Line) -> i64 {
    line.tax + line.included_tax
}
