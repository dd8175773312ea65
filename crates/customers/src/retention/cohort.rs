//! Cohorts: those who bought for the first time in one month, and how many of them came back later.
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use proto::customers::v1 as pb;

/// How many months are told of.
const MONTHS: u32 = 12;
/// How many of a cohort stand for all of it.
pub const SAMPLE: i64 = 2_000;

/// How many of a cohort bought in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Bought {
    /// First day of the month they bought for the first time in.
    pub cohort: NaiveDate,
    /// First day of the month they bought in.
    pub month: NaiveDate,
    /// How many did.
    pub customers: i64,
}

/// The first days of the last months, the oldest first, and that of the month to come.
pub fn months(now: DateTime<Utc>) -> Vec<NaiveDate> {
    let first = now.date_naive().with_day(1).unwrap_or_default();
    let oldest = first.checked_sub_months(Months::new(MONTHS - 1)).unwrap_or_default();
    (0..=MONTHS).filter_map(|months| oldest.checked_add_months(Months::new(months))).collect()
}

/// The moment at which a month begins.
pub fn start(month: NaiveDate) -> DateTime<Utc> {
    month.and_time(NaiveTime::MIN).and_utc()
}

/// Cohorts of `months` from what was counted; whatever was not happened to nobody.
pub fn cohorts(months: &[NaiveDate], counted: &[Bought]) -> Vec<pb::Cohort> {
    let count = |cohort: NaiveDate, month: NaiveDate| {
        let found = counted.iter().find(|bought| bought.cohort == cohort && bought.month == month);
        found.map_or(0, |bought| bought.customers)
    };
    let past = &months[..months.len().saturating_sub(1)];
    let told = |(place, &cohort): (usize, &NaiveDate)| {
        let customers = count(cohort, cohort);
        pb::Cohort {
            month: cohort.format("%Y-%m").to_string(),
            customers: customers.min(SAMPLE),
            sampled: customers > SAMPLE,
            returned: past[place + 1..].iter().map(|month| count(cohort, *month)).collect(),
        }
    };
    past.iter().enumerate().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-17: twelve months, this one the last; nobody who came back is nobody, not a gap.
    #[test]
    fn cohorts_reach_to_this_month() {
        let now = "2026-03-31T23:59:59Z".parse().expect("a moment");
        let months = months(now);
        assert_eq!(
            (months.len(), months[0].to_string(), months[12].to_string()),
            (13, "2025-04-01".to_owned(), "2026-04-01".to_owned())
        );
        let (january, march) = (months[9], months[11]);
        let bought = |month, customers| Bought { cohort: january, month, customers };
        let cohorts = cohorts(&months, &[bought(january, 10), bought(march, 3)]);
        assert_eq!((cohorts.len(), cohorts[9].month.as_str(), cohorts[9].customers), (12, "2026-01", 10));
        assert_eq!((&cohorts[9].returned, cohorts[11].returned.len()), (&vec![0, 3], 0));
        assert!(start(january).to_rfc3339().starts_with("2026-01-01T00:00:00"));
    }
}
