//! A rate: so much at once, and what was used comes back bit by bit.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A rate that each of many keeps.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// What it is of.
    pub kind: &'static str,
    /// How much may come at once, and after which time one of it comes back; nothing is limited without.
    limit: Option<(i32, TimeDelta)>,
}

impl Rate {
    /// `burst` at once, then `number` in each `period`; any number while one of them is 0.
    #[must_use]
    pub fn new(kind: &'static str, burst: u32, number: u32, period: TimeDelta) -> Self {
        let (burst, number) = (i32::try_from(burst).unwrap_or(i32::MAX), i32::try_from(number).unwrap_or(i32::MAX));
        let limit = (burst > 0 && number > 0).then(|| (burst, period / number));
        Self { kind, limit }
    }

    /// After which time one comes back; `None` when nothing is limited.
    #[must_use]
    pub fn every(&self) -> Option<TimeDelta> {
        self.limit.map(|(_, every)| every)
    }

    /// How far ahead of now the moment may lie at which all is free again, and one more is still taken.
    #[must_use]
    pub fn slack(&self) -> TimeDelta {
        self.limit.map_or(TimeDelta::zero(), |(burst, every)| every * (burst - 1))
    }

    /// How long to wait when all is free again at `full_at`.
    #[must_use]
    pub fn wait(&self, full_at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
        (full_at - self.slack() - now).to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-27: three at once, then one an hour.
    #[test]
    fn what_was_used_comes_back() {
        let rate = Rate::new("mail", 3, 1, TimeDelta::hours(1));
        assert_eq!((rate.every(), rate.slack()), (Some(TimeDelta::hours(1)), TimeDelta::hours(2)));
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(rate.wait(now + TimeDelta::hours(3), now), Duration::from_hours(1));
        assert_eq!(rate.wait(now + TimeDelta::hours(2), now), Duration::ZERO);
        assert_eq!(Rate::new("sign_in", 10, 5, TimeDelta::minutes(1)).every(), Some(TimeDelta::seconds(12)));
        assert!(Rate::new("mail", 0, 1, TimeDelta::hours(1)).every().is_none());
        assert!(Rate::new("mail", 1, 0, TimeDelta::hours(1)).every().is_none());
    }
}
