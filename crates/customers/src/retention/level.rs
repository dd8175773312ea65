//! How active somebody is, and how often they buy.
use chrono::{DateTime, TimeDelta, Utc};

/// Who gave a sign of life in this time is active …
pub const ACTIVE: TimeDelta = TimeDelta::days(30);
/// … and who did not in this one has gone silent.
pub const SILENT: TimeDelta = TimeDelta::days(90);
/// Who buys twice in this time, on an average, buys frequently …
const FREQUENT: TimeDelta = TimeDelta::days(14);
/// … and regularly in this one.
const REGULAR: TimeDelta = TimeDelta::days(60);

/// How active somebody is at `now` whose last sign of life was at `last`.
#[must_use]
pub fn activity(last: DateTime<Utc>, now: DateTime<Utc>) -> &'static str {
    match now - last {
        silence if silence < ACTIVE => "active",
        silence if silence < SILENT => "cooling",
        _ => "silent",
    }
}

/// How often somebody buys who placed so many orders between the first and the last.
#[must_use]
pub fn engagement(orders: i64, first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>) -> &'static str {
    let between = first.zip(last).map_or(TimeDelta::zero(), |(first, last)| last - first);
    let steps = i32::try_from(orders.saturating_sub(1)).unwrap_or(i32::MAX);
    match orders {
        ..=0 => "none",
        1 => "once",
        _ if between / steps <= FREQUENT => "frequent",
        _ if between / steps <= REGULAR => "regular",
        _ => "occasional",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    /// CU-17: levels change to the second.
    #[test]
    fn activity_fades() {
        let second = TimeDelta::seconds(1);
        let at = |now| activity(day(0), now);
        assert_eq!(
            [at(day(30) - second), at(day(30)), at(day(90) - second), at(day(90))],
            ["active", "cooling", "cooling", "silent"]
        );
    }

    /// CU-17: the pattern is that of the time between orders.
    #[test]
    fn patterns_are_of_the_time_between_orders() {
        let of = |orders, days| engagement(orders, Some(day(0)), Some(day(days)));
        assert_eq!(engagement(0, None, None), "none");
        assert_eq!(
            [of(1, 0), of(2, 0), of(3, 28), of(3, 29), of(3, 120), of(3, 121)],
            ["once", "frequent", "frequent", "regular", "regular", "occasional"]
        );
    }
}
