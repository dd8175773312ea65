//! An entry as the list shows it.
use chrono_tz::Tz;
use proto::identity::v1::Entry;
use serde_json::Value;

use super::query::AuditQuery;
use crate::show::{Moment, label};

/// An entry as the list shows it.
pub struct Row {
    /// Its place in the chain.
    pub number: i64,
    /// When.
    pub at: Option<Moment>,
    /// Who, by name if it is known.
    pub actor: String,
    /// All that this actor did.
    pub actor_link: String,
    /// In whose name, when somebody acted for another.
    pub in_name_of: String,
    /// What was done, in words.
    pub action: String,
    /// Kind of the thing it was done to, in words.
    pub target_kind: String,
    /// Its id; may be empty.
    pub target: String,
    /// All that was done to it.
    pub target_link: String,
    /// How many customers it concerns, when that is several.
    pub customers: usize,
    /// Why; may be empty.
    pub reason: String,
    /// What changed: name, before, after.
    pub changes: Vec<(String, String, String)>,
    /// Network address; may be empty.
    pub ip: String,
    /// Whether something in it is masked.
    pub masked: bool,
    /// Its hash.
    pub hash: String,
    /// Request it was done in; may be empty.
    pub request: String,
}

impl Row {
    /// The row of `entry`; links keep what `query` asks for.
    pub fn new(entry: Entry, query: &AuditQuery, zone: Tz) -> Self {
        let (actor, real) = (entry.actor.unwrap_or_default(), entry.impersonator);
        let in_name_of = real.as_ref().map(|_| format!("{} {}", label::words(&actor.kind), actor.id));
        let acted = real.unwrap_or(actor);
        let unnamed = if acted.kind == "system" { format!("Service {}", acted.id) } else { acted.id.clone() };
        let target_link = if entry.target.is_empty() { String::new() } else { query.of_target(&entry.target) };
        Self {
            number: entry.number,
            at: Moment::new(entry.at.as_ref(), zone),
            actor: if entry.actor_name.is_empty() { unnamed } else { entry.actor_name },
            actor_link: query.of_actor(&acted.id),
            in_name_of: in_name_of.unwrap_or_default(),
            action: label::words(&entry.action),
            target_kind: label::words(&entry.target_kind),
            target: entry.target,
            target_link,
            customers: entry.customers.len(),
            reason: entry.reason,
            changes: changes(&entry.before, &entry.after),
            ip: entry.ip,
            masked: !entry.redacted.is_empty(),
            hash: entry.hash,
            request: entry.request_id,
        }
    }

    /// Whether there is more to see than the line tells.
    pub fn has_details(&self) -> bool {
        !(self.changes.is_empty() && self.reason.is_empty())
    }
}

/// What changed, member by member.
fn changes(before: &str, after: &str) -> Vec<(String, String, String)> {
    let [before, after] = [before, after].map(|text| serde_json::from_str(text).unwrap_or(Value::Null));
    let mut names: Vec<&String> =
        [&before, &after].into_iter().filter_map(Value::as_object).flat_map(|members| members.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|name| (label::words(name), shown(before.get(name)), shown(after.get(name)))).collect()
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(members)) if members.contains_key("erased") => "(erased)".to_owned(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_member_by_member() {
        let changes = changes(r#"{"active":true,"name":{"erased":true}}"#, r#"{"active":false,"price":5}"#);
        let told: Vec<_> = changes.iter().map(|(n, b, a)| (n.as_str(), b.as_str(), a.as_str())).collect();
        assert_eq!(told, [("Active", "true", "false"), ("Name", "(erased)", "–"), ("Price", "–", "5")]);
        assert!(super::changes("", "").is_empty());
    }
}
