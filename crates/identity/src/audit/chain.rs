//! The chain: each entry has the hash of the one before, so that nothing in it changes unseen.
use std::collections::BTreeMap;

use super::{
    Entry,
    entry::{EntryId, Hash, START},
};

/// A place in a chain: the number of an entry and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the entry; 0 in front of the first.
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Place {
    /// In front of the first entry.
    pub const START: Self = Self { number: 0, hash: START };
}

/// How a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The hash is not that of the content.
    Altered,
    /// It does not follow on the entry before: moved or inserted, or that one is gone.
    Unlinked,
    /// There is no entry at this place.
    Missing,
    /// The chain was longer.
    Truncated,
    /// There is an entry behind the end.
    Inserted,
    /// The chain has another hash here than was signed or written down.
    Rewritten,
    /// The checkpoint of this place was not signed by us.
    Forged,
}

impl Problem {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Unlinked => "unlinked",
            Self::Missing => "missing",
            Self::Truncated => "truncated",
            Self::Inserted => "inserted",
            Self::Rewritten => "rewritten",
            Self::Forged => "forged",
        }
    }
}

/// The first place where a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The place.
    pub number: i64,
    /// The entry that stands there, if one does.
    pub entry: Option<EntryId>,
    /// What is wrong.
    pub problem: Problem,
}

impl Breach {
    /// `problem` at a place where nothing stands.
    #[must_use]
    pub const fn at(number: i64, problem: Problem) -> Self {
        Self { number, entry: None, problem }
    }
}

/// Hashes that are known of some places, from elsewhere than the entries.
pub type Known = BTreeMap<i64, Vec<Hash>>;

/// Follows `entries`, in their order, on from `place`, and moves it to the last one that is as it was written.
pub fn follow(place: &mut Place, entries: &[Entry], known: &Known) -> Result<(), Breach> {
    for entry in entries {
        let number = place.number + 1;
        let broken = |problem| Err(Breach { number, entry: Some(entry.id), problem });
        if entry.number != number {
            return Err(Breach::at(number, Problem::Missing));
        }
        if entry.previous != place.hash {
            return broken(Problem::Unlinked);
        }
        let hash = entry.hash_behind(&place.hash);
        if entry.hash != hash {
            return broken(Problem::Altered);
        }
        if known.get(&number).is_some_and(|known| known.iter().any(|known| *known != hash)) {
            return broken(Problem::Rewritten);
        }
        *place = Place { number, hash };
    }
    Ok(())
}
