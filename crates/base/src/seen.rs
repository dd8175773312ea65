//! Whose personal data somebody has read within a minute, so that it is recorded once (AD-1).
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::ids::CustomerId;

/// How many pairs of reader and customer are remembered. Beyond that readings are recorded twice rather than not.
const MOST: usize = 200_000;

/// The readings of the present minute.
#[derive(Debug, Default)]
pub struct Seen {
    minute: i64,
    pairs: usize,
    readers: HashMap<String, HashSet<CustomerId>>,
}

impl Seen {
    /// Those of `customers` whom `reader` has not read in the minute of `now` yet; from then on they have.
    pub fn note(
        &mut self,
        reader: &str,
        customers: impl IntoIterator<Item = CustomerId>,
        now: DateTime<Utc>,
    ) -> Vec<CustomerId> {
        let minute = now.timestamp().div_euclid(60);
        if minute != self.minute || self.pairs > MOST {
            *self = Self { minute, ..Self::default() };
        }
        if !self.readers.contains_key(reader) {
            self.readers.insert(reader.to_owned(), HashSet::new());
        }
        let Some(known) = self.readers.get_mut(reader) else { return Vec::new() };
        let fresh: Vec<_> = customers.into_iter().filter(|customer| known.insert(*customer)).collect();
        self.pairs += fresh.len();
        fresh
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// AD-1: a reading counts once for each reader, customer and minute, to the second.
    #[test]
    fn a_reading_counts_once_a_minute() {
        let start = DateTime::UNIX_EPOCH;
        let [ada, grace] = [CustomerId::new(start), CustomerId::new(start)];
        let mut seen = Seen::default();
        assert_eq!(seen.note("staff 1", [ada, ada], start), [ada]);
        assert_eq!(seen.note("staff 1", [ada, grace], start + TimeDelta::seconds(59)), [grace]);
        assert_eq!(seen.note("staff 2", [ada], start + TimeDelta::seconds(59)), [ada]);
        assert_eq!(seen.note("staff 1", [ada, grace], start + TimeDelta::seconds(60)), [ada, grace]);
    }

    /// AD-1: what does not fit into memory is recorded again, never left out.
    #[test]
    fn what_is_forgotten_counts_again() {
        let start = DateTime::UNIX_EPOCH;
        let mut seen = Seen::default();
        let many: Vec<_> = (0..=MOST).map(|_| CustomerId::new(start)).collect();
        assert_eq!(seen.note("staff 1", many.iter().copied(), start).len(), many.len());
        assert_eq!(seen.note("staff 1", [many[0]], start), [many[0]]);
    }
}
