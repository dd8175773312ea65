//! A saved filter: where it belongs, and who may see what it asks for.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    ids::{RealmId, SegmentId, StoreId},
};
use proto::{
    base::v1::{self as base, filter::Node},
    customers::v1 as pb,
};
use serde_json::Value;
use sqlx::types::Uuid;

use super::store::Tree;
use crate::{
    Error,
    customer::Scope,
    fields::Fields,
    list::{field::Field, filter::Filter, reading::Reading},
};

/// Longest name, in characters.
const LONGEST: usize = 100;

/// Segments by their id, as a filter names them.
pub type Saved = HashMap<SegmentId, Segment>;

/// A filter with a name.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Segment {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: SegmentId,
    /// The customer base itself, or one store of a network.
    #[sqlx(rename = "place_id")]
    pub(crate) place: Uuid,
    pub(crate) name: String,
    #[sqlx(rename = "filter")]
    pub(crate) tree: Tree,
    /// Whether it asks for personal fields.
    pub(crate) personal: bool,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Segment {
    /// What the audit keeps of it: which fields it asks for and how, and with which values unless they are personal.
    #[must_use]
    pub fn audited(&self) -> Value {
        json!({ "name": self.name, "filter": described(&self.tree.0) })
    }

    /// As the API shows it; what it asks for is left out for whoever may not know personal fields (ID-23).
    #[must_use]
    pub fn told(self, pii: bool) -> pb::Segment {
        let hidden = self.personal && !pii;
        let store = Some(self.place).filter(|place| *place != self.realm.uuid());
        pb::Segment {
            id: self.id.into(),
            name: self.name,
            filter: (!hidden).then_some(self.tree.0),
            personal: self.personal,
            store: store.map(|id| StoreId::from_uuid(id).to_string()).unwrap_or_default(),
            version: self.version,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            redacted: if hidden { vec!["filter".to_owned()] } else { Vec::new() },
        }
    }
}

/// Where segments of `scope` belong.
#[must_use]
pub fn place(scope: Scope) -> Uuid {
    scope.store.map_or(scope.realm.uuid(), StoreId::uuid)
}

/// Reads a name.
pub fn name(given: &str) -> Result<String, Error> {
    let mut fields = Fields::default();
    let name = fields.line("/name", given, LONGEST);
    if name.is_empty() {
        fields.fault("/name", "required", "a segment has a name");
    }
    fields.finish()?;
    Ok(name)
}

/// Reads a filter to save, as a search would; it names no segment. Whether it asks for personal fields.
pub fn filter(given: Option<&base::Filter>, pii: bool, now: DateTime<Utc>) -> Result<(Tree, bool), Error> {
    let given = given.ok_or_else(|| kit::Error::invalid("/filter", "required", "a segment has a filter"))?;
    Filter::parse(given, &Reading { pii, now, saved: None })?;
    Ok((Tree(given.clone()), conditions(given).iter().any(|condition| is_personal(condition))))
}

fn is_personal(condition: &base::Condition) -> bool {
    Field::parse(&condition.field).is_some_and(Field::is_personal)
}

/// The comparisons of a tree.
#[must_use]
pub fn conditions(filter: &base::Filter) -> Vec<&base::Condition> {
    match filter.node.as_ref() {
        Some(Node::And(list) | Node::Or(list)) => list.filters.iter().flat_map(conditions).collect(),
        Some(Node::Not(filter)) => conditions(filter),
        Some(Node::Condition(condition)) => vec![condition],
        None => Vec::new(),
    }
}

/// A tree in the shape of the API, without values that say who somebody is.
#[must_use]
pub fn described(filter: &base::Filter) -> Value {
    let all = |list: &base::FilterList| list.filters.iter().map(described).collect::<Vec<_>>();
    match filter.node.as_ref() {
        Some(Node::And(list)) => json!({ "and": all(list) }),
        Some(Node::Or(list)) => json!({ "or": all(list) }),
        Some(Node::Not(filter)) => json!({ "not": described(filter) }),
        Some(Node::Condition(condition)) if is_personal(condition) => {
            json!({ "field": condition.field, "op": condition.op, "value": "***" })
        }
        Some(Node::Condition(condition)) => {
            json!({ "field": condition.field, "op": condition.op, "value": condition.values })
        }
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(field: &str, value: &str) -> base::Filter {
        let condition =
            base::Condition { field: field.to_owned(), op: "eq".to_owned(), values: vec![value.to_owned()] };
        base::Filter { node: Some(Node::Condition(condition)) }
    }

    /// CU-6: a segment names no segment, and what it asks for has to make sense.
    #[test]
    fn a_segment_names_no_segment() {
        let now = DateTime::UNIX_EPOCH;
        let other = condition("segment", &SegmentId::new(now).to_string());
        let not = base::Filter { node: Some(Node::Not(Box::new(other))) };
        for wrong in [Some(&not), Some(&condition("shoe_size", "42")), None] {
            assert!(matches!(filter(wrong, true, now), Err(Error::Kit(kit::Error::Invalid(_)))), "{wrong:?}");
        }
        assert!(!filter(Some(&condition("status", "active")), false, now).expect("a filter").1);
    }

    /// CU-6, ID-23: who may not see personal fields does not save a filter by them; nor does the audit keep their values.
    #[test]
    fn values_that_say_who_somebody_is_are_kept_apart() {
        let ada = condition("name", "Ada Lovelace");
        assert!(matches!(filter(Some(&ada), false, DateTime::UNIX_EPOCH), Err(Error::PiiRequired("name"))));
        assert!(filter(Some(&ada), true, DateTime::UNIX_EPOCH).expect("a filter").1);
        assert_eq!(described(&ada), json!({ "field": "name", "op": "eq", "value": "***" }));
        assert!(name(" \u{a0} ").is_err() && name("Big\nspenders").is_err() && name(&"x".repeat(101)).is_err());
    }
}
