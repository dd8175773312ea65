//! What the audit was asked for, as its address says it.
use chrono_tz::Tz;
use kit::clock::timestamp;
use proto::{
    base::v1::PageRequest,
    identity::v1::{EntryFilter, ListEntriesRequest},
};
use serde::Deserialize;

use crate::{
    problem::Problem,
    show::{span, url},
};

/// Address of the list.
pub const PATH: &str = "/console/audit";
/// Rows of a page.
const ROWS: u32 = 25;
/// The longest text that is passed on, in characters.
const LONGEST: usize = 200;

/// What the audit was asked for. Days are those of the store's zone, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    pub actor: String,
    pub action: String,
    pub target: String,
    pub ip: String,
    pub from: String,
    pub to: String,
    /// Cursor.
    pub after: String,
    /// Cursor.
    pub before: String,
}

impl AuditQuery {
    /// The same without spaces around what was typed.
    pub fn trimmed(mut self) -> Self {
        for text in [&mut self.actor, &mut self.action, &mut self.target, &mut self.ip] {
            *text = text.trim().chars().take(LONGEST).collect();
        }
        self
    }

    /// The same as the service takes it, for a reader in `zone`.
    pub fn request(&self, zone: Tz) -> Result<ListEntriesRequest, Problem> {
        let [from, to] = span([&self.from, &self.to], zone)?;
        let filter = EntryFilter {
            actor: self.actor.clone(),
            action: self.action.clone(),
            target: self.target.clone(),
            ip: self.ip.clone(),
            from: from.map(timestamp),
            to: to.map(timestamp),
            ..EntryFilter::default()
        };
        let page = PageRequest { limit: ROWS, after: self.after.clone(), before: self.before.clone(), total: true };
        Ok(ListEntriesRequest { filter: Some(filter), page: Some(page) })
    }

    /// Whether anything narrows the list down, or it is a page further on.
    pub fn is_narrowed(&self) -> bool {
        *self != Self::default()
    }

    /// Address of the list with other `after` and `before`.
    pub fn page(&self, after: &str, before: &str) -> String {
        self.address(&self.actor, &self.target, after, before)
    }

    /// Address of what this actor did.
    pub fn of_actor(&self, actor: &str) -> String {
        self.address(actor, "", "", "")
    }

    /// Address of what was done to this.
    pub fn of_target(&self, target: &str) -> String {
        self.address("", target, "", "")
    }

    fn address(&self, actor: &str, target: &str, after: &str, before: &str) -> String {
        let here = [("actor", actor), ("target", target), ("after", after), ("before", before)];
        let kept = [("action", &self.action), ("ip", &self.ip), ("from", &self.from), ("to", &self.to)];
        let pairs: Vec<_> = here.into_iter().chain(kept.map(|(name, value)| (name, value.as_str()))).collect();
        url(PATH, &pairs)
    }
}

#[cfg(test)]
mod tests {
    use kit::clock::datetime;

    use super::*;

    #[test]
    fn days_are_those_of_the_store() {
        let query = AuditQuery { from: "2026-03-02".to_owned(), to: "2026-03-02".to_owned(), ..Default::default() };
        let filter = query.request(Tz::Europe__Berlin).ok().and_then(|request| request.filter).expect("a filter");
        let at = |at: &Option<prost_types::Timestamp>| at.as_ref().and_then(datetime).map(|at| at.to_rfc3339());
        assert_eq!(at(&filter.from).as_deref(), Some("2026-03-01T23:00:00+00:00"));
        assert_eq!(at(&filter.to).as_deref(), Some("2026-03-02T23:00:00+00:00"));
        assert!(AuditQuery { to: "yesterday".to_owned(), ..Default::default() }.request(Tz::UTC).is_err());
    }

    #[test]
    fn links_keep_what_was_asked_for() {
        let query =
            AuditQuery { action: "product.updated".to_owned(), actor: "stf_1".to_owned(), ..Default::default() };
        assert_eq!(query.page("c", ""), "/console/audit?actor=stf_1&after=c&action=product.updated");
        assert_eq!(query.of_target("prd_1"), "/console/audit?target=prd_1&action=product.updated");
    }
}
