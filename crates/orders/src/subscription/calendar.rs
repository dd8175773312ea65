//! When periods begin: so many days, weeks, months or years after the first, by the calendar of the store (OR-7). Pure.
use chrono::{DateTime, LocalResult, Months, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A step over a gap of the clock, as summer time makes it.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// A span of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Interval {
    Day,
    Week,
    Month,
    Year,
}

impl Interval {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Reads its name.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.slug() == slug)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// Unit.
    pub interval: Interval,
    /// How many of them, at least one.
    pub count: u32,
}

/// The calendar that periods are counted by: a first moment and a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// When the first period begins. Its day and its time of day are kept as far as months have such a day.
    pub anchor: DateTime<Utc>,
    /// Where.
    pub zone: Tz,
}

impl Calendar {
    /// When the period `number` begins, 0 being the first: always counted from the first, so that what begins on a 31st
    /// comes back to it after a shorter month. `None` beyond the end of time.
    #[must_use]
    pub fn begin(&self, every: Every, number: u32) -> Option<DateTime<Utc>> {
        let units = every.count.checked_mul(number)?;
        let first = self.anchor.with_timezone(&self.zone).naive_local();
        let then = match every.interval {
            Interval::Day => first.checked_add_signed(TimeDelta::try_days(i64::from(units))?)?,
            Interval::Week => first.checked_add_signed(TimeDelta::try_weeks(i64::from(units))?)?,
            Interval::Month => first.checked_add_months(Months::new(units))?,
            Interval::Year => first.checked_add_months(Months::new(units.checked_mul(12)?))?,
        };
        // The same moment, even where the clock shows it twice.
        if number == 0 { Some(self.anchor) } else { self.moment(then) }
    }

    /// The first moment at which the clock on the wall shows `local`; where it jumps over it, that at which it jumps.
    fn moment(&self, mut local: NaiveDateTime) -> Option<DateTime<Utc>> {
        for _ in 0..=24 * 4 {
            match self.zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return Some(at.to_utc()),
                LocalResult::None => local = local.checked_add_signed(STEP)?,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate, Timelike};
    use chrono_tz::{Europe::Berlin, Pacific::Apia, UTC};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn months(anchor: &str, zone: Tz, count: u32, numbers: &[u32]) -> Vec<String> {
        let calendar = Calendar { anchor: at(anchor), zone };
        let every = Every { interval: Interval::Month, count };
        let begin = |number: &u32| calendar.begin(every, *number).expect("a time");
        numbers.iter().map(|number| begin(number).format("%Y-%m-%d %H:%M").to_string()).collect()
    }

    /// OR-7: 31 January, 28 or 29 February, 31 March: counted from the first day, never from the last.
    #[test]
    fn the_end_of_the_month_comes_back() {
        assert_eq!(
            months("2026-01-31T12:00:00Z", UTC, 1, &[0, 1, 2, 3, 12, 25]),
            [
                "2026-01-31 12:00",
                "2026-02-28 12:00",
                "2026-03-31 12:00",
                "2026-04-30 12:00",
                "2027-01-31 12:00",
                "2028-02-29 12:00"
            ]
        );
        assert_eq!(
            months("2026-11-30T00:00:00Z", UTC, 3, &[1, 2, 5]),
            ["2027-02-28 00:00", "2027-05-30 00:00", "2028-02-29 00:00"]
        );
    }

    /// OR-7: a leap day falls on the 28th in other years, and comes back.
    #[test]
    fn leap_days_come_back() {
        let calendar = Calendar { anchor: at("2028-02-29T08:00:00Z"), zone: UTC };
        let yearly = Every { interval: Interval::Year, count: 1 };
        let day = |number| calendar.begin(yearly, number).expect("a time").date_naive();
        assert_eq!(day(1), NaiveDate::from_ymd_opt(2029, 2, 28).expect("a day"));
        assert_eq!(day(4), NaiveDate::from_ymd_opt(2032, 2, 29).expect("a day"));
        // 2100 is no leap year.
        assert_eq!(day(72), NaiveDate::from_ymd_opt(2100, 2, 28).expect("a day"));
    }

    /// OR-7: days are those of the store: the clock on its wall shows the same time, winter and summer.
    #[test]
    fn the_stores_own_clock_counts() {
        // 00:30 in Berlin on the 31st is still the 30th in Greenwich.
        assert_eq!(
            months("2026-01-30T23:30:00Z", Berlin, 1, &[1, 2, 3]),
            ["2026-02-27 23:30", "2026-03-30 22:30", "2026-04-29 22:30"]
        );
        // 02:30 on the last Sunday of March is not there: what falls into the gap begins as it ends.
        assert_eq!(months("2026-02-28T01:30:00Z", Berlin, 1, &[1]), ["2026-03-28 01:30"]);
        assert_eq!(months("2026-01-29T01:30:00Z", Berlin, 2, &[1]), ["2026-03-29 01:00"]);
        // 02:30 on the last Sunday of October is there twice: the first counts.
        assert_eq!(months("2026-09-25T00:30:00Z", Berlin, 1, &[1]), ["2026-10-25 00:30"]);
        // Samoa had no 30 December 2011.
        assert_eq!(months("2011-11-30T20:00:00Z", Apia, 1, &[0]), ["2011-11-30 20:00"]);
        assert_eq!(months("2011-10-30T22:00:00Z", Apia, 2, &[1]), ["2011-12-30 10:00"]);
    }

    #[test]
    fn time_has_an_end() {
        let calendar = Calendar { anchor: at("2026-01-01T00:00:00Z"), zone: UTC };
        for interval in Interval::ALL {
            assert_eq!(calendar.begin(Every { interval, count: 36 }, u32::MAX), None);
        }
    }

    proptest! {
        /// OR-7: each period begins after the one before it, on the day of the first or the last of a shorter month.
        #[test]
        fn periods_follow_each_other(
            seconds in 1_600_000_000_i64..2_500_000_000,
            interval in 0_usize..4,
            count in 1_u32..=36,
            number in 1_u32..60,
            zone in prop::sample::select(vec![UTC, Berlin, chrono_tz::America::New_York, chrono_tz::Asia::Kathmandu]),
        ) {
            let anchor = DateTime::from_timestamp(seconds, 0).expect("a time");
            let (calendar, interval) = (Calendar { anchor, zone }, Interval::ALL[interval]);
            let every = Every { interval, count };
            let before = calendar.begin(every, number - 1).expect("a time");
            let begin = calendar.begin(every, number).expect("a time");
            prop_assert!(before < begin);
            let (first, then) = (anchor.with_timezone(&zone), begin.with_timezone(&zone));
            prop_assert!(first.time() == then.time() || then.hour() <= 4, "{first} {then}");
            if matches!(interval, Interval::Month | Interval::Year) {
                let last = then.date_naive().num_days_in_month();
                prop_assert_eq!(then.day(), first.day().min(u32::from(last)));
            } else {
                let unit = if interval == Interval::Day { 1 } else { 7 };
                let days = then.date_naive() - first.date_naive();
                prop_assert_eq!(days.num_days(), i64::from(unit * count * number));
            }
        }
    }
}
