//! A report: of which orders, by what, and what is counted.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{Error as Kit, clock, failure::Violation, money};
use proto::orders::v1 as pb;

use crate::error::Error;

/// How far it goes back when nobody says.
const USUAL: TimeDelta = TimeDelta::days(30);
/// The longest time of a report.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What orders are put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Who of the staff worked on it.
    Agent,
    /// The partner who sent the buyer.
    Affiliate,
    /// A path through the shop.
    Funnel,
    /// A campaign.
    Campaign,
}

impl By {
    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "agent" => Some(Self::Agent),
            "affiliate" => Some(Self::Affiliate),
            "funnel" => Some(Self::Funnel),
            "campaign" => Some(Self::Campaign),
            _ => None,
        }
    }

    /// Where an order `o` has it.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Agent => "(o.attribution ->> 'agent')",
            Self::Affiliate => "(o.attribution ->> 'affiliate')",
            Self::Funnel => "(o.attribution ->> 'funnel')",
            Self::Campaign => "(o.attribution ->> 'utm_campaign')",
        }
    }
}

/// Which orders, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// By what.
    pub by: By,
    /// Placed then or later.
    pub from: DateTime<Utc>,
    /// Placed before.
    pub to: DateTime<Utc>,
    /// In this currency, if in one.
    pub currency: Option<String>,
}

impl Question {
    /// Reads a request made at `now`, or tells all its faults; or that it is about too long a time, or none.
    pub fn parse(request: &pb::GetAttributionReportRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let by = By::parse(&request.by);
        if by.is_none() {
            faults.push(Violation::new("/by", "unknown_value", "reports are by agent, affiliate, funnel or campaign"));
        }
        let to = request.to.as_ref().and_then(clock::datetime).unwrap_or(now);
        let from = request.from.as_ref().and_then(clock::datetime).unwrap_or(to - USUAL);
        let currency = Some(&request.currency).filter(|code| !code.is_empty());
        if currency.is_some_and(|code| money::currency(code).is_err()) {
            faults.push(Violation::new("/currency", "malformed", "currencies are named by ISO 4217 codes"));
        }
        let (Some(by), true) = (by, faults.is_empty()) else { return Err(Kit::Invalid(faults).into()) };
        if from >= to || to - from > LONGEST {
            return Err(Error::PeriodOutOfRange);
        }
        Ok(Self { by, from, to, currency: currency.cloned() })
    }
}

#[cfg(test)]
mod tests {
    use kit::clock::timestamp;

    use super::*;

    /// CA-8: a report is about the last thirty days, or about what it is asked for, which is a year at the most.
    #[test]
    fn a_report_has_an_end() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1_000);
        let asked = |by: &str, from: Option<DateTime<Utc>>, currency: &str| {
            let request = pb::GetAttributionReportRequest {
                by: by.to_owned(),
                from: from.map(timestamp),
                to: None,
                currency: currency.to_owned(),
            };
            let told = |error: Error| match error {
                Error::Kit(Kit::Invalid(faults)) => faults.iter().map(|fault| fault.pointer.to_string()).collect(),
                other => other.to_string(),
            };
            Question::parse(&request, now).map_err(told)
        };
        let usual = Question { by: By::Agent, from: now - USUAL, to: now, currency: None };
        assert_eq!(asked("agent", None, ""), Ok(usual.clone()));
        let year = Question { from: now - LONGEST, currency: Some("EUR".to_owned()), ..usual };
        assert_eq!(asked("agent", Some(now - LONGEST), "EUR"), Ok(year));
        for (by, from, currency, fault) in [
            ("customer", None, "", "/by"),
            ("funnel", Some(now), "", &*Error::PeriodOutOfRange.to_string()),
            ("funnel", Some(now - LONGEST - TimeDelta::seconds(1)), "", &*Error::PeriodOutOfRange.to_string()),
            ("funnel", None, "euro", "/currency"),
        ] {
            assert_eq!(asked(by, from, currency), Err(fault.to_owned()));
        }
    }
}
