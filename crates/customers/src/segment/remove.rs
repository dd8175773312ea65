//! Drops a segment (CU-6).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::SegmentId,
};

use super::{change::changeable, store};
use crate::{Error, customer::Scope};

/// Drops a segment for somebody who sees personal fields, or does not.
pub async fn delete_segment(
    tx: &mut Tx,
    call: &Call,
    (scope, id, pii): (Scope, SegmentId, bool),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let segment = changeable(tx, call, (scope, id, pii)).await?;
    store::delete(tx, &segment).await?;
    audit::record(tx, call, Entry::new("segment.removed", ("segment", id), now).removed(segment.audited()))?;
    Ok(())
}
