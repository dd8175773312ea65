//! A shipment.
use kit::{address, failure::Violation, ids::LineId};
use proto::orders::v1 as pb;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

kit::id! {
    /// A shipment.
    ShipmentId, "shp";
}

/// Longest name of a carrier, and longest number, in characters.
const LINE: usize = 100;
/// Longest address of a page.
const URL: usize = 500;

/// Something that left the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Id.
    pub id: ShipmentId,
    /// How to follow it.
    pub tracking: Tracking,
    /// What is in it.
    pub lines: Vec<Portion>,
}

/// How to follow a shipment; empty texts where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Who carries it.
    pub carrier: String,
    /// Its number there.
    pub number: String,
    /// A page to follow it on.
    pub url: String,
}

/// So many of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    line: Uuid,
    /// How many.
    pub quantity: u32,
}

impl Portion {
    /// `quantity` of `line`.
    #[must_use]
    pub const fn new(line: LineId, quantity: u32) -> Self {
        Self { line: line.uuid(), quantity }
    }

    /// Which line.
    #[must_use]
    pub const fn line(&self) -> LineId {
        LineId::from_uuid(self.line)
    }
}

impl Tracking {
    /// Reads what was given; every fault is added to `faults`.
    pub fn parse((carrier, number, url): (&str, &str, &str), faults: &mut Vec<Violation>) -> Self {
        let carrier = address::line("/tracking/carrier", carrier, LINE, faults);
        let number = address::line("/tracking/number", number, LINE, faults);
        let url = address::line("/tracking/url", url, URL, faults);
        let is_page = ["https://", "http://"].iter().any(|start| url.strip_prefix(start).is_some_and(is_host));
        if !url.is_empty() && !is_page {
            faults.push(Violation::new("/tracking/url", "malformed", "pages begin with https:// or http://"));
        }
        Self { carrier, number, url }
    }
}

fn is_host(rest: &str) -> bool {
    rest.starts_with(|first: char| first.is_ascii_alphanumeric()) && !rest.contains([' ', '"', '<', '>', '\\'])
}

impl From<Portion> for pb::LineQuantity {
    fn from(portion: Portion) -> Self {
        Self { line: portion.line().into(), quantity: portion.quantity }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-2: a tracking page is one that a browser may be sent to.
    #[test]
    fn only_pages_are_followed() {
        let is_good = |url: &str| {
            let mut faults = Vec::new();
            Tracking::parse(("DHL", "1", url), &mut faults);
            faults.is_empty()
        };
        for good in ["", "https://dhl.example/t?n=1", "http://a"] {
            assert!(is_good(good), "{good}");
        }
        for bad in ["javascript:alert(1)", "https://", "//dhl.example", "https://a b", "https://<x", "ftp://a"] {
            assert!(!is_good(bad), "{bad}");
        }
    }
}
