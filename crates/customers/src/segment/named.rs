//! The segments that a filter names.
use kit::ids::SegmentId;
use proto::base::v1::{Condition, Filter, FilterList, filter::Node};
use sqlx::PgExecutor;

use super::{Saved, segment::conditions, store};
use crate::{Error, customer::Scope, list::field::Field};

/// The segments of `scope` that `filter` names. Most filters name none, and cost nothing here; what is not among the
/// answer, whoever reads the filter finds out.
pub async fn named(db: impl PgExecutor<'_>, scope: Scope, filter: Option<&Filter>) -> Result<Saved, Error> {
    let conditions = filter.map(conditions).unwrap_or_default();
    let named = conditions.into_iter().filter(|condition| condition.field == Field::Segment.name());
    let ids: Vec<SegmentId> = named.flat_map(|condition| &condition.values).filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(Saved::new());
    }
    let found = store::find(db, scope, &ids).await?;
    Ok(found.into_iter().map(|segment| (segment.id, segment)).collect())
}

/// `filter` with what its segments ask for in their place; they are all among `saved`.
#[must_use]
pub fn replaced(filter: &Filter, saved: &Saved) -> Filter {
    let list =
        |list: &FilterList| FilterList { filters: list.filters.iter().map(|one| replaced(one, saved)).collect() };
    let node = filter.node.as_ref().map(|node| match node {
        Node::And(members) => Node::And(list(members)),
        Node::Or(members) => Node::Or(list(members)),
        Node::Not(inner) => Node::Not(Box::new(replaced(inner, saved))),
        Node::Condition(condition) if condition.field == Field::Segment.name() => any_of(condition, saved),
        Node::Condition(condition) => Node::Condition(condition.clone()),
    });
    Filter { node }
}

fn any_of(condition: &Condition, saved: &Saved) -> Node {
    let ids = condition.values.iter().filter_map(|id| id.parse::<SegmentId>().ok());
    let filters = ids.filter_map(|id| Some(saved.get(&id)?.tree.0.clone())).collect();
    let any = Node::Or(FilterList { filters });
    match condition.op.as_str() {
        "ne" | "nin" => Node::Not(Box::new(Filter { node: Some(any) })),
        _ => any,
    }
}
