//! What a library is, by the entries of its ledger (OR-8). Pure.
//!
//! A product is in somebody's library as long as one way in which it came still counts. What was bought counts for the
//! units that were not given back; a revocation ends all ways of before, never one that comes later. In which order the
//! entries of a purchase and its refund are met makes no difference, and nothing counts twice.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, LineId, OrderId, ProductId, StoreId};
use uuid::Uuid;

use super::{Entry, What, entry::Terms};

/// How something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// It was bought.
    Purchase,
    /// Somebody gave it.
    Gift,
    /// Staff gave it.
    Manual,
}

impl Source {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Gift => "gift",
            Self::Manual => "manual",
        }
    }
}

/// A way in which something came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// How.
    pub source: Source,
    /// The order and its line; none of what staff gave.
    pub bought: Option<(OrderId, LineId)>,
    /// The product that was bought or given.
    pub root: ProductId,
    /// Who bought it for them.
    pub giver: Option<CustomerId>,
    /// Under which id of the customer it came.
    pub(super) origin: Uuid,
    /// How many, and how many of these were given back.
    pub units: u32,
    /// Given back.
    pub back: u32,
    /// Whether staff took it away.
    pub revoked: bool,
    /// Why it was given.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Ground {
    /// Whether it still counts.
    #[must_use]
    pub const fn counts(&self) -> bool {
        !self.revoked && self.units > self.back
    }
}

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can be used.
    Active,
    /// Its time is over.
    Expired,
    /// All that was bought of it was given back.
    Refunded,
    /// Staff took it away.
    Revoked,
}

impl State {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
            Self::Revoked => "revoked",
        }
    }
}

/// A product that is or was in somebody's library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub product: ProductId,
    /// Who sells it.
    pub store: StoreId,
    /// What it was called when it came.
    pub name: String,
    /// Every way in which it ever came, oldest first.
    pub grounds: Vec<Ground>,
    /// How it may be used.
    pub terms: Terms,
    /// Whether its customer has access to everything, and so to this (CU-12): no ledger says so.
    pub access: bool,
}

impl Item {
    /// How it stands at `now`.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> State {
        if self.access {
            return State::Active;
        }
        if self.grounds.iter().any(Ground::counts) {
            let over = self.terms.until.is_some_and(|until| until <= now);
            return if over { State::Expired } else { State::Active };
        }
        if self.grounds.iter().any(|ground| ground.revoked) { State::Revoked } else { State::Refunded }
    }

    /// Whether it was ever anybody's: what was corrected to nothing never was.
    fn was_there(&self) -> bool {
        self.grounds.iter().any(|ground| ground.units > 0)
    }

    /// Since when it is there.
    #[must_use]
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.grounds.iter().filter(|ground| ground.counts()).map(|ground| ground.at).min()
    }
}

/// What makes a way one of its own: a line, or the place of what was given.
type Key = (Option<LineId>, i64);

/// The library that `entries`, all of one customer, make; whatever was in it once is in it, each with how it stands.
#[must_use]
pub fn library(entries: &[Entry]) -> Vec<Item> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.position);
    let mut items: BTreeMap<ProductId, (Item, BTreeMap<Key, Ground>)> = BTreeMap::new();
    let mut revocations = Vec::new();
    for entry in sorted {
        if entry.what == What::Revoke {
            revocations.push(entry);
            continue;
        }
        let (item, grounds) = items.entry(entry.product).or_insert_with(|| (blank(entry), BTreeMap::new()));
        match entry.what {
            What::Edit => item.terms = entry.terms.clone(),
            What::Grant | What::Gift => {
                item.terms = entry.terms.clone();
                grounds.insert((None, entry.position), came(entry));
            }
            What::Purchase | What::Refund | What::Correction | What::Revoke => {
                grounds.entry((entry.line, 0)).or_insert_with(|| came(entry)).count(entry);
            }
        }
    }
    let whole = items.into_values().map(|(mut item, mut grounds)| {
        for ((_, position), ground) in &mut grounds {
            ground.revoked = revocations.iter().any(|revocation| ground.is_ended(item.product, *position, revocation));
        }
        item.grounds = grounds.into_values().collect();
        item.grounds.sort_by_key(|ground| ground.at);
        item
    });
    whole.filter(Item::was_there).collect()
}

fn blank(entry: &Entry) -> Item {
    let (product, store, name) = (entry.product, entry.store, entry.name.clone());
    Item { product, store, name, grounds: Vec::new(), terms: Terms::default(), access: false }
}

/// A way in which something came: what was given once, or nothing of a line yet.
fn came(entry: &Entry) -> Ground {
    let source = match entry.what {
        What::Grant => Source::Manual,
        What::Gift => Source::Gift,
        _ if entry.giver.is_some() => Source::Gift,
        _ => Source::Purchase,
    };
    let is_of_line = entry.line.is_some();
    Ground {
        source,
        bought: entry.order.zip(entry.line),
        root: entry.root,
        origin: entry.origin,
        giver: entry.giver,
        units: u32::from(!is_of_line),
        back: 0,
        revoked: false,
        reason: entry.reason.clone(),
        at: entry.at,
    }
}

impl Ground {
    /// Takes in an entry about its line.
    fn count(&mut self, entry: &Entry) {
        match entry.what {
            What::Purchase => (self.units, self.at, self.origin) = (entry.units, entry.at, entry.origin),
            What::Refund => self.back = self.back.saturating_add(entry.units),
            _ => (self.units, self.back) = (entry.units, entry.units_back),
        }
    }

    /// Whether `revocation` ends this way of `product`. What was bought by then is ended also when it is entered after it;
    /// what was given afterwards, be it at the same moment, is not.
    fn is_ended(&self, product: ProductId, position: i64, revocation: &Entry) -> bool {
        let meant = revocation.product == product || revocation.product == self.root;
        let before = match self.bought {
            Some(_) => self.at <= revocation.at,
            None => (self.at, position) < (revocation.at, revocation.position),
        };
        meant && before && revocation.origins.contains(&self.origin)
    }
}
