//! Changes the name or the filter of a segment (CU-6).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::SegmentId,
};
use proto::customers::v1 as pb;

use super::{
    Segment,
    segment::{filter, name, place},
    store::{self, Tree},
};
use crate::{Error, customer::Scope};

/// What of a segment is to change.
#[derive(Clone, Debug)]
pub struct ChangeSegment {
    scope: Scope,
    id: SegmentId,
    name: Option<String>,
    tree: Option<(Tree, bool)>,
    pii: bool,
    now: DateTime<Utc>,
}

impl ChangeSegment {
    /// Reads a request in `scope` of somebody who sees personal fields, or does not.
    pub fn parse(
        request: &pb::ChangeSegmentRequest,
        scope: Scope,
        pii: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let id = request.id.parse().map_err(|_| Error::SegmentNotFound)?;
        let name = request.name.as_deref().map(name).transpose()?;
        let tree = request.filter.as_ref().map(|given| filter(Some(given), pii, now)).transpose()?;
        Ok(Self { scope, id, name, tree, pii, now })
    }
}

/// A segment of `scope` that is about to be changed by whoever sees personal fields, or does not: those of the network are
/// a matter of the network (ID-21).
pub async fn changeable(
    tx: &mut Tx,
    call: &Call,
    (scope, id, pii): (Scope, SegmentId, bool),
) -> Result<Segment, Error> {
    let segment = store::lock(tx, scope, id).await?.ok_or(Error::SegmentNotFound)?;
    if segment.place != place(scope) {
        return Err(Error::NetworkMembershipRequired);
    }
    if segment.personal && !pii {
        return Err(Error::PiiRequired("segment"));
    }
    call.check_version(segment.version)?;
    Ok(segment)
}

/// The segment as it is since.
pub async fn change_segment(tx: &mut Tx, call: &Call, input: ChangeSegment) -> Result<Segment, Error> {
    let ChangeSegment { scope, id, name, tree, pii, now } = input;
    let mut segment = changeable(tx, call, (scope, id, pii)).await?;
    let before = segment.clone();
    segment.name = name.unwrap_or(segment.name);
    if let Some((tree, personal)) = tree {
        (segment.tree, segment.personal) = (tree, personal);
    }
    if segment != before {
        (segment.version, segment.updated_at) = (segment.version + 1, now);
        store::save(tx, &segment).await?;
        let entry = Entry::new("segment.updated", ("segment", id), now).changed(before.audited(), segment.audited());
        audit::record(tx, call, entry)?;
    }
    Ok(segment)
}
