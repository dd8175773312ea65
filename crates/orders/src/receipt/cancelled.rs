//! Which credit notes are cancelled since their refund failed afterwards (OR-6). Nothing here knows a number.
use super::lacking::Entry;
use crate::transaction::Type;

/// Of each of `entries` by which money that had gone back came again: which entry it had gone back by. Others have none.
#[must_use]
pub fn cancelled(entries: &[Entry]) -> Vec<Option<usize>> {
    let mut open: Vec<usize> = Vec::new();
    let mut pairs = vec![None; entries.len()];
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.kind == Type::Refund) {
        if entry.amount > 0 {
            open.push(at);
        } else if entry.amount < 0 {
            pairs[at] = origin(entries, &open, entry);
            open.retain(|one| pairs[at] != Some(*one) || !is_whole(&entries[*one], entry));
        }
    }
    pairs
}

/// Whether all of `back` has come again by `again`.
pub const fn is_whole(back: &Entry, again: &Entry) -> bool {
    back.amount == -again.amount
}

/// By which of the entries `open` the money of `again` had gone back: both have the gateway's name of the refund. What was
/// given back by hand had none formerly, and one entry stood for several.
fn origin(entries: &[Entry], open: &[usize], again: &Entry) -> Option<usize> {
    let last = |wanted: &dyn Fn(&Entry) -> bool| open.iter().rev().copied().find(|at| wanted(&entries[*at]));
    let is_unnamed = |one: &Entry| one.reference.is_empty();
    last(&|one| !is_unnamed(one) && one.reference == again.reference)
        .or_else(|| last(&|one| is_unnamed(one) && is_whole(one, again)))
        .or_else(|| last(&|one| is_unnamed(one) && one.amount > -again.amount))
        .or_else(|| last(&|one| is_whole(one, again)))
        .or_else(|| last(&|_| true))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::ids::TransactionId;

    use super::*;

    fn refund(amount: i64, reference: &str) -> Entry {
        let at = DateTime::UNIX_EPOCH;
        let (description, reference) = (String::new(), reference.to_owned());
        Entry {
            id: TransactionId::new(at),
            kind: Type::Refund,
            amount,
            description,
            reference,
            at,
            shipping: None,
            lines: None,
        }
    }

    /// OR-6: what comes again belongs to what went back under the same name; each comes again once.
    #[test]
    fn what_comes_again() {
        let all = [refund(5, "re_1"), refund(5, "re_2"), refund(-5, "re_1"), refund(5, "re_3"), refund(-5, "re_2")];
        assert_eq!(cancelled(&all), [None, None, Some(0), None, Some(1)]);
        let formerly = [refund(5, "re_1"), refund(15, ""), refund(-10, "re_2"), refund(-5, "re_3")];
        assert_eq!(cancelled(&formerly), [None, None, Some(1), Some(1)]);
        assert_eq!(cancelled(&[refund(5, "re_1"), refund(-5, "")]), [None, Some(0)]);
        assert_eq!(cancelled(&[refund(-5, "")]), [None]);
    }
}
