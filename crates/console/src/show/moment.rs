//! A point in time, in the store's zone.
use chrono::SecondsFormat;
use chrono_tz::Tz;
use kit::clock;

/// A point in time as a page shows it.
pub struct Moment {
    /// For programs: RFC 3339 in UTC.
    pub machine: String,
    /// The day, such as "2 Mar 2026".
    pub day: String,
    /// Hour and minute, such as "14:05".
    pub time: String,
}

impl Moment {
    /// `at` in `zone`; `None` when there is none.
    pub fn new(at: Option<&prost_types::Timestamp>, zone: Tz) -> Option<Self> {
        let at = at.and_then(clock::datetime)?;
        let local = at.with_timezone(&zone);
        Some(Self {
            machine: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            day: local.format("%-d %b %Y").to_string(),
            time: local.format("%H:%M").to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn times_are_those_of_the_store() {
        let noon = DateTime::parse_from_rfc3339("2026-07-01T22:30:00Z").unwrap().to_utc();
        let moment = Moment::new(Some(&clock::timestamp(noon)), Tz::Europe__Berlin).unwrap();
        assert_eq!((moment.day.as_str(), moment.time.as_str()), ("2 Jul 2026", "00:30"));
        assert_eq!(moment.machine, "2026-07-01T22:30:00Z");
        assert!(Moment::new(None, Tz::UTC).is_none());
    }
}
