//! What an order has no receipt or credit note of yet, and what those say (OR-6). Nothing here knows a number.
use chrono::{DateTime, Utc};
use kit::ids::{LineId, TransactionId};

use super::{
    Kind, Receipt,
    cancelled::cancelled,
    receipt::{Content, Item, Moved, Seller},
};
use crate::{
    order::{Line, Order},
    transaction::Type,
};

/// An entry of the ledger by which money moved.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Id.
    pub id: TransactionId,
    /// What about.
    #[sqlx(rename = "type")]
    pub kind: Type,
    /// How much.
    pub amount: i64,
    /// A sentence about it.
    pub description: String,
    /// What a gateway calls it; may be empty.
    pub reference: String,
    /// When.
    #[sqlx(rename = "created_at")]
    pub at: DateTime<Utc>,
    /// Of a refund by its lines: how much of it for shipping, and for what.
    pub shipping: Option<i64>,
    /// The same: (line, how many, how much).
    #[sqlx(json(nullable))]
    pub lines: Option<Vec<Back>>,
}

/// What went back for a line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Back {
    /// Which.
    pub line: uuid::Uuid,
    quantity: u32,
    /// How much.
    pub amount: i64,
}

/// Something to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking<'a> {
    /// Which of them.
    pub kind: Kind,
    /// For what.
    pub entry: &'a Entry,
    /// Of a cancellation: the entry whose credit note is cancelled.
    pub cancels: Option<&'a Entry>,
    /// Which of all entries that is, to look at those before it.
    at: usize,
}

/// What of `entries`, the whole part of the ledger of an order that costs `total`, has not been `issued`: a receipt for the
/// entry by which all of it had come in, and from then on a credit note for everything that went back, ever, which is
/// cancelled when it came again.
pub fn lacking<'a>(total: i64, entries: &'a [Entry], issued: &[TransactionId]) -> Vec<Lacking<'a>> {
    let mut captured = 0;
    let paid = entries.iter().position(|entry| {
        captured += if entry.kind == Type::Refund { 0 } else { entry.amount };
        entry.kind != Type::Refund && captured >= total
    });
    let Some(paid) = paid else { return Vec::new() };
    let pairs = cancelled(entries);
    let back = entries.iter().enumerate().filter(|(_, entry)| entry.kind == Type::Refund && entry.amount != 0);
    let back = back.map(|(at, entry)| {
        let kind = if entry.amount > 0 { Kind::CreditNote } else { Kind::Cancellation };
        Lacking { kind, entry, cancels: pairs[at].map(|of| &entries[of]), at }
    });
    let receipt = Lacking { kind: Kind::Receipt, entry: &entries[paid], cancels: None, at: paid };
    [receipt].into_iter().chain(back).filter(|one| !issued.contains(&one.entry.id)).collect()
}

/// An order with all that its receipts say.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// It.
    pub order: &'a Order,
    /// What it holds.
    pub lines: &'a [Line],
    /// Its part of the ledger.
    pub entries: &'a [Entry],
    /// Who sold it.
    pub seller: &'a Seller,
}

impl Basis<'_> {
    /// What `lacking` says, after all `papers` that were issued before.
    pub fn content(&self, lacking: &Lacking<'_>, papers: &[Receipt]) -> Content {
        let receipt = papers.iter().find(|paper| paper.kind == Kind::Receipt);
        let corrects = receipt.map(|receipt| receipt.number.clone()).unwrap_or_default();
        let content = match lacking.kind {
            Kind::Receipt => return self.receipt(lacking.at),
            Kind::CreditNote => self.credit_note(lacking, papers),
            Kind::Cancellation => self.cancellation(lacking, papers),
        };
        Content { corrects, ..content }
    }

    fn receipt(&self, paid: usize) -> Content {
        let totals = &self.order.totals;
        let line = |line: &Line| Item {
            name: line.name.clone(),
            sku: line.sku.clone(),
            quantity: line.quantity,
            price: Some(line.price),
            amount: line.subtotal,
        };
        let came = self.entries[..=paid].iter().filter(|entry| entry.kind != Type::Refund);
        Content {
            lines: self.lines.iter().map(line).collect(),
            discounts: self.order.discounts.clone(),
            subtotal: totals.subtotal,
            discount: totals.discount,
            shipping: totals.shipping,
            tax: totals.tax,
            included_tax: totals.included_tax,
            total: totals.total,
            payments: came.map(moved).collect(),
            ..self.blank()
        }
    }

    /// The credit note of what came again, with all of it less than nothing. Of one that stands for several refunds a part
    /// comes again.
    fn cancellation(&self, lacking: &Lacking<'_>, papers: &[Receipt]) -> Content {
        let entry = lacking.entry;
        let note = lacking.cancels.and_then(|of| papers.iter().find(|paper| paper.transaction == of.id));
        let cancels = note.map(|note| note.number.clone()).unwrap_or_default();
        let content = match note {
            Some(note) if note.content.total == -entry.amount => note.content.negated(),
            _ => Content {
                lines: vec![Item { amount: entry.amount, ..Item::default() }],
                subtotal: entry.amount,
                total: entry.amount,
                tax: self.tax_after(lacking.at, papers).clamp(entry.amount, 0),
                ..self.blank()
            },
        };
        Content { cancels, payments: vec![moved(entry)], ..content }
    }

    fn credit_note(&self, lacking: &Lacking<'_>, papers: &[Receipt]) -> Content {
        let entry = lacking.entry;
        let shipping = entry.shipping.unwrap_or_default();
        let mut lines: Vec<Item> = entry.lines.iter().flatten().map(|back| self.item(back)).collect();
        // What went back for no line, or beyond what its lines cost.
        let rest = entry.amount - shipping - lines.iter().map(|line| line.amount).sum::<i64>();
        if rest > 0 {
            lines.push(Item { amount: rest, ..Item::default() });
        }
        let subtotal = lines.iter().map(|line| line.amount).sum();
        Content {
            lines,
            subtotal,
            shipping,
            tax: self.tax_after(lacking.at, papers).clamp(0, entry.amount),
            total: entry.amount,
            payments: vec![moved(entry)],
            ..self.blank()
        }
    }

    /// What every one of them says.
    fn blank(&self) -> Content {
        Content {
            order: self.order.number.clone(),
            placed_at: self.order.placed_at,
            corrects: String::new(),
            cancels: String::new(),
            seller: self.seller.clone(),
            lines: Vec::new(),
            discounts: Vec::new(),
            currency: self.order.totals.currency.code().to_owned(),
            subtotal: 0,
            discount: 0,
            shipping: 0,
            tax: 0,
            included_tax: 0,
            total: 0,
            payments: Vec::new(),
        }
    }

    fn item(&self, back: &Back) -> Item {
        let line = self.lines.iter().find(|line| line.id == LineId::from_uuid(back.line));
        Item {
            name: line.map(|line| line.name.clone()).unwrap_or_default(),
            sku: line.map(|line| line.sku.clone()).unwrap_or_default(),
            quantity: back.quantity,
            price: None,
            amount: back.amount,
        }
    }
}

fn moved(entry: &Entry) -> Moved {
    Moved { description: entry.description.clone(), amount: entry.amount, at: entry.at }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(kind: Type, amount: i64) -> Entry {
        let at = DateTime::UNIX_EPOCH;
        let (description, reference, shipping, lines) = (String::new(), String::new(), None, None);
        Entry { id: TransactionId::new(at), kind, amount, description, reference, at, shipping, lines }
    }

    fn kinds(found: &[Lacking<'_>]) -> Vec<(Kind, i64)> {
        found.iter().map(|one| (one.kind, one.entry.amount)).collect()
    }

    /// OR-6: a receipt when all has come in, not before; a credit note for each refund, those before it among them.
    #[test]
    fn what_is_due() {
        use Type::{Capture, Payment, Refund};
        let part = [entry(Payment, 40), entry(Refund, 10)];
        assert_eq!(lacking(100, &part, &[]), []);
        let all = [&part[..], &[entry(Capture, 60), entry(Refund, 30), entry(Refund, 0)]].concat();
        let found = lacking(100, &all, &[]);
        assert_eq!(kinds(&found), [(Kind::Receipt, 60), (Kind::CreditNote, 10), (Kind::CreditNote, 30)]);
        let issued = [found[0].entry.id, found[1].entry.id];
        assert_eq!(kinds(&lacking(100, &all, &issued)), [(Kind::CreditNote, 30)]);
        let again = [&all[..], &[entry(Refund, -30)]].concat();
        let found = lacking(100, &again, &[]);
        assert_eq!((found[3].kind, found[3].cancels), (Kind::Cancellation, Some(&again[3])));
        let free = [entry(Payment, 0)];
        assert_eq!(kinds(&lacking(0, &free, &[])), [(Kind::Receipt, 0)]);
    }

    proptest! {
        /// OR-6: whatever comes and goes, in whatever steps it is looked at, the same is issued once each.
        #[test]
        fn nothing_is_issued_twice(moves in prop::collection::vec((any::<bool>(), 0_i64..100), 1..12), total in 0_i64..200) {
            let kind = |back| if back { Type::Refund } else { Type::Payment };
            let all: Vec<_> = moves.iter().map(|(back, amount)| entry(kind(*back), *amount)).collect();
            let mut issued = Vec::new();
            for until in 1..=all.len() {
                for one in lacking(total, &all[..until], &issued.clone()) {
                    prop_assert!(!issued.contains(&one.entry.id));
                    issued.push(one.entry.id);
                }
            }
            prop_assert_eq!(issued.len(), lacking(total, &all, &[]).len());
        }
    }
}
