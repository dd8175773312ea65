//! What the audit is filtered by.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{clock::timestamp, failure::Violation};
use proto::{base::v1::Condition, identity::v1::EntryFilter};

use crate::request::list::Wanted;

/// The smallest step of time that entries know.
const STEP: TimeDelta = TimeDelta::microseconds(1);

/// The filter of the service for what was asked for; fields and operators that it does not know are refused.
pub fn filter(wanted: &Wanted) -> Result<EntryFilter, Violation> {
    let (mut filter, mut from, mut to) = (EntryFilter::default(), None, None);
    for condition in wanted.conditions() {
        let text = match condition.field.as_str() {
            "actor" => &mut filter.actor,
            "impersonator" => &mut filter.impersonator,
            "action" => &mut filter.action,
            "target" => &mut filter.target,
            "ip" => &mut filter.ip,
            "request_id" => &mut filter.request_id,
            "at" => {
                let (first, last) = span(condition)?;
                from = from.max(first); // nothing is less than any moment
                to = [to, last].into_iter().flatten().min();
                continue;
            }
            other => {
                let detail = format!("{other} is none of actor, impersonator, action, target, ip, request_id, at");
                return Err(Violation::new(pointer(condition), "unknown_field", detail));
            }
        };
        *text = only_equal(condition)?;
    }
    filter.from = from.map(timestamp);
    filter.to = to.map(timestamp);
    Ok(filter)
}

pub fn pointer(condition: &Condition) -> String {
    format!("/filter[{}][{}]", condition.field, condition.op)
}

pub fn only_equal(condition: &Condition) -> Result<String, Violation> {
    if condition.op != "eq" {
        let detail = format!("{} can be compared by eq only", condition.field);
        return Err(Violation::new(pointer(condition), "unknown_operator", detail));
    }
    let text = condition.values.concat();
    if text.is_empty() {
        return Err(Violation::new(pointer(condition), "malformed", "there is nothing to compare with"));
    }
    Ok(text)
}

type Moment = Option<DateTime<Utc>>;

/// From when on, and before when.
pub fn span(condition: &Condition) -> Result<(Moment, Moment), Violation> {
    let read = |text: &String| {
        let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
        moment.map_err(|_| Violation::new(pointer(condition), "malformed", "give times as RFC 3339 does"))
    };
    let moments = condition.values.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(match (condition.op.as_str(), moments.as_slice()) {
        ("gte", [at]) => (Some(*at), None),
        ("gt", [at]) => (Some(*at + STEP), None),
        ("lt", [at]) => (None, Some(*at)),
        ("lte", [at]) => (None, Some(*at + STEP)),
        ("between", [first, last]) => (Some(*first), Some(*last + STEP)),
        _ => {
            let detail = format!("{} can be compared by gt, gte, lt, lte and between", condition.field);
            return Err(Violation::new(pointer(condition), "unknown_operator", detail));
        }
    })
}

#[cfg(test)]
mod tests {
    use kit::clock::datetime;

    use super::*;
    use crate::request::{list::Extra, params::Params};

    fn read(query: &str) -> Result<EntryFilter, String> {
        let wanted = Wanted::read(Params::parse(query), &[Extra::Filters]).map_err(|_| "unread".to_owned())?;
        filter(&wanted).map_err(|fault| format!("{} {}", fault.pointer, fault.code))
    }

    #[test]
    fn filters_become_a_span_and_texts() {
        let found =
            read("filter[actor][eq]=stf_1&filter[at][gt]=2026-03-02T12:00:00Z&filter[at][lte]=2026-03-03T12:00:00Z");
        let found = found.expect("a filter");
        let at = |at: &Option<prost_types::Timestamp>| at.as_ref().and_then(datetime).map(|at| at.to_rfc3339());
        assert_eq!(found.actor, "stf_1");
        assert_eq!(at(&found.from).as_deref(), Some("2026-03-02T12:00:00.000001+00:00"));
        assert_eq!(at(&found.to).as_deref(), Some("2026-03-03T12:00:00.000001+00:00"));
        let narrow =
            read("filter[at][gte]=2026-03-02T12:00:00Z&filter[at][between]=2026-03-01T12:00:00Z,2026-03-04T12:00:00Z");
        assert_eq!(at(&narrow.expect("a filter").from).as_deref(), Some("2026-03-02T12:00:00+00:00"));
    }

    #[test]
    fn nothing_is_ignored() {
        for (query, fault) in [
            ("filter[name][eq]=x", "/filter[name][eq] unknown_field"),
            ("filter[actor][ne]=x", "/filter[actor][ne] unknown_operator"),
            ("filter[actor][eq]=", "/filter[actor][eq] malformed"),
            ("filter[at][eq]=2026-03-02T12:00:00Z", "/filter[at][eq] unknown_operator"),
            ("filter[at][gt]=noon", "/filter[at][gt] malformed"),
        ] {
            assert_eq!(read(query).err().as_deref(), Some(fault));
        }
    }
}
