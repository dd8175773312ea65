//! The segments that a filter names.
use kit::ids::SegmentId;
use proto::base::v1::Filter;
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
