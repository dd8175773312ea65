//! What is wrong with a ledger by the order history, and which entries put it right (OR-8). Pure.
//!
//! What is missing is restored and what is wrong corrected. What staff gave stays, and what was refunded or revoked never
//! comes back: where the ledger has more given back than the history, the ledger is believed.
use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, LineId, OrderId, ProductId, RealmId, StoreId};

use super::{Entry, What, entry::Terms, library};

/// A product that a line of a paid order brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// Who sold it.
    pub store: StoreId,
    /// The order.
    pub order: OrderId,
    /// Its line.
    pub line: LineId,
    /// The product of the line.
    pub root: ProductId,
    /// That, or what was inside it.
    pub product: ProductId,
    /// As it was called then.
    pub name: String,
    /// Who bought it for them; none of what they bought.
    pub giver: Option<CustomerId>,
    /// How many.
    pub units: u32,
    /// How many of these were given back.
    pub back: u32,
    /// When it was paid.
    pub at: DateTime<Utc>,
}

/// Whose ledger is put right.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
}

/// The entries that bring `ledger` in line with `history`; none when it is. Entering them and asking again gives none.
#[must_use]
pub fn repair(whose: Whose, ledger: &[Entry], history: &[Bought]) -> Vec<Entry> {
    let items = library(ledger);
    let known = |line: LineId, product: ProductId| {
        let item = items.iter().find(|item| item.product == product);
        let mut grounds = item.into_iter().flat_map(|item| &item.grounds);
        grounds.find(|ground| ground.bought.is_some_and(|(_, known)| known == line))
    };
    let mut entries = Vec::new();
    for bought in history {
        let (mut back, mut units) = (bought.back, 0);
        if let Some(ground) = known(bought.line, bought.product) {
            (back, units) = (back.max(ground.back), ground.units);
            if (ground.units, ground.back) == (bought.units, back) {
                continue;
            }
        }
        if was_entered(ledger, bought) || units > 0 {
            entries.push(entry(whose, bought, What::Correction, (bought.units, back)));
            continue;
        }
        if is_revoked(ledger, bought) {
            continue; // nobody knows any more under which id it was bought
        }
        entries.push(entry(whose, bought, What::Purchase, (bought.units, 0)));
        if back > 0 {
            entries.push(entry(whose, bought, What::Correction, (bought.units, back)));
        }
    }
    entries.extend(without_order(whose, ledger, history));
    entries
}

/// Whether a purchase stands in the ledger, also one that was corrected to nothing.
fn was_entered(ledger: &[Entry], bought: &Bought) -> bool {
    ledger
        .iter()
        .any(|entry| entry.what == What::Purchase && entry.line == Some(bought.line) && entry.product == bought.product)
}

fn is_revoked(ledger: &[Entry], bought: &Bought) -> bool {
    ledger.iter().any(|entry| {
        entry.what == What::Revoke
            && entry.at >= bought.at
            && (entry.product == bought.product || entry.product == bought.root)
    })
}

/// What the ledger says was bought, and no paid order of theirs has.
fn without_order(whose: Whose, ledger: &[Entry], history: &[Bought]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for item in library(ledger) {
        for ground in item.grounds.iter().filter(|ground| ground.units > 0) {
            let Some((order, line)) = ground.bought else { continue };
            if history.iter().any(|bought| bought.line == line && bought.product == item.product) {
                continue;
            }
            let nothing = Bought {
                store: item.store,
                order,
                line,
                root: ground.root,
                product: item.product,
                name: item.name.clone(),
                giver: ground.giver,
                units: 0,
                back: ground.back,
                at: ground.at,
            };
            entries.push(entry(whose, &nothing, What::Correction, (0, ground.back)));
        }
    }
    entries
}

fn entry(whose: Whose, bought: &Bought, what: What, (units, units_back): (u32, u32)) -> Entry {
    Entry {
        realm: whose.realm,
        position: 0,
        store: bought.store,
        customer: whose.customer,
        origin: whose.customer.uuid(),
        product: bought.product,
        root: bought.root,
        what,
        order: Some(bought.order),
        line: Some(bought.line),
        giver: bought.giver,
        units,
        units_back,
        name: bought.name.clone(),
        terms: Terms::default(),
        reason: String::new(),
        origins: Vec::new(),
        actor: "system orders".to_owned(),
        at: bought.at,
    }
}
