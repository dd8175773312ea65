//! What was found, for people and for machines.
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use proto::base::v1::Discrepancy;
use serde_json::{Value, json};

use super::advice::advice;

/// Ids named of each kind of finding.
const NAMED: usize = 20;
/// Ids that fit a line.
const SHOWN: usize = 3;

/// All that was found. It grows with the kinds of findings, not with their number.
#[derive(Default)]
pub struct Report {
    findings: BTreeMap<(&'static str, String), Finding>,
    looked_at: BTreeMap<&'static str, usize>,
    positions: Vec<Position>,
}

/// How much is under way from a service: in its outbox, or to one that listens to it.
pub struct Position {
    /// Whose events.
    pub source: &'static str,
    /// Who listens; absent for the outbox.
    pub consumer: Option<&'static str>,
    /// How many events.
    pub waiting: i64,
}

#[derive(Default)]
struct Finding {
    source: &'static str,
    found: i64,
    repaired: i64,
    ids: Vec<String>,
}

impl Report {
    /// Adds what differs in `service` from what `source` says.
    pub fn add(&mut self, service: &'static str, source: &'static str, discrepancies: Vec<Discrepancy>) {
        for one in discrepancies {
            let finding = self.findings.entry((service, one.kind)).or_default();
            finding.source = source;
            finding.found += 1;
            finding.repaired += i64::from(one.repaired);
            if finding.ids.len() < NAMED {
                finding.ids.push(one.id);
            }
        }
    }

    /// Adds something that cannot be repaired here.
    pub fn note(&mut self, service: &'static str, kind: &str, found: i64, ids: Vec<String>) {
        let finding = self.findings.entry((service, kind.to_owned())).or_default();
        finding.source = service;
        finding.found += found;
        finding.ids.extend(ids);
    }

    /// Adds how far events have come.
    pub fn position(&mut self, position: Position) {
        self.positions.push(position);
    }

    /// Counts what was looked at.
    pub fn looked_at(&mut self, what: &'static str, rows: usize) {
        *self.looked_at.entry(what).or_default() += rows;
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.findings.values().all(|finding| finding.found == finding.repaired)
    }

    /// The report as text or JSON.
    pub fn show(&self, json: bool) -> anyhow::Result<String> {
        if json { Ok(serde_json::to_string_pretty(&self.json())?) } else { Ok(self.table()?) }
    }

    fn json(&self) -> Value {
        let findings = self.findings.iter().map(|((service, kind), finding)| {
            json!({ "service": service, "source": finding.source, "kind": kind, "found": finding.found,
                    "repaired": finding.repaired, "ids": finding.ids, "advice": advice(kind) })
        });
        let positions = self.positions.iter().map(
            |position| json!({ "source": position.source, "consumer": position.consumer, "waiting": position.waiting }),
        );
        json!({ "healthy": self.is_healthy(), "findings": findings.collect::<Vec<_>>(),
                "looked_at": self.looked_at, "positions": positions.collect::<Vec<_>>() })
    }

    fn table(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        for (what, rows) in &self.looked_at {
            writeln!(text, "{rows:>9} × {what}")?;
        }
        let waiting: i64 = self.positions.iter().map(|position| position.waiting).sum();
        writeln!(text, "{waiting:>9} × event under way\n")?;
        if self.findings.is_empty() {
            text.push_str("Nothing differs.");
            return Ok(text);
        }
        writeln!(text, "{:<14} {:<28} {:>7} {:>9}  about", "in", "what", "found", "repaired")?;
        for ((service, kind), finding) in &self.findings {
            let (found, repaired) = (finding.found, finding.repaired);
            writeln!(text, "{service:<14} {kind:<28} {found:>7} {repaired:>9}  {}", finding.examples())?;
        }
        text.push('\n');
        for ((_, kind), _) in self.findings.iter().filter(|(_, finding)| finding.found > finding.repaired) {
            writeln!(text, "{kind}: {}", advice(kind))?;
        }
        let left: i64 = self.findings.values().map(|finding| finding.found - finding.repaired).sum();
        write!(text, "{left} left to do")?;
        Ok(text)
    }
}

impl Finding {
    fn examples(&self) -> String {
        let more = if self.ids.len() > SHOWN { ", …" } else { "" };
        format!("{}{more}", self.ids[..self.ids.len().min(SHOWN)].join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(repaired: bool) -> Discrepancy {
        Discrepancy { kind: "missing_order".to_owned(), id: "ord_1".to_owned(), subject: 0, repaired }
    }

    #[test]
    fn what_was_repaired_is_healthy_and_told_nevertheless() {
        let mut report = Report::default();
        assert!(report.is_healthy());
        report.add("customers", "orders", vec![missing(true)]);
        assert!(report.is_healthy() && report.json()["findings"][0]["repaired"] == 1);
        report.add("customers", "orders", vec![missing(false)]);
        assert!(!report.is_healthy());
    }

    #[test]
    fn a_million_findings_are_as_long_as_twenty() {
        let mut report = Report::default();
        report.add("customers", "orders", (0..1_000).map(|_| missing(false)).collect());
        let finding = &report.json()["findings"][0];
        assert_eq!((finding["found"].as_i64(), finding["ids"].as_array().map(Vec::len)), (Some(1_000), Some(NAMED)));
    }
}
