//! Days as forms send them, in the store's zone.
use axum::http::StatusCode;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::problem::Problem;

/// From when to when the days `from` to `to` last, each of which may be missing.
pub fn span([from, to]: [&str; 2], zone: Tz) -> Result<[Option<DateTime<Utc>>; 2], Problem> {
    let (from, to) = (day(from)?, day(to)?.and_then(|day| day.checked_add_days(Days::new(1))));
    Ok([from, to].map(|day| day.map(|day| midnight(day, zone))))
}

fn day(text: &str) -> Result<Option<NaiveDate>, Problem> {
    let detail = "A day is written like 2026-03-02.";
    let unread = |_| Problem::new(StatusCode::BAD_REQUEST, "Not understood", detail);
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(unread) }
}

/// When a day begins; where clocks skip midnight, when it would have in UTC.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    zone.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}
