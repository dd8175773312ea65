//! Saves a filter under a name (CU-6).
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

/// Most segments of a place.
const MOST: i64 = 200;

/// A filter to save.
#[derive(Clone, Debug)]
pub struct CreateSegment {
    scope: Scope,
    name: String,
    tree: Tree,
    personal: bool,
    now: DateTime<Utc>,
}

impl CreateSegment {
    /// Reads a request in `scope` of somebody who sees personal fields, or does not.
    pub fn parse(
        request: &pb::CreateSegmentRequest,
        scope: Scope,
        pii: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let (tree, personal) = filter(request.filter.as_ref(), pii, now)?;
        Ok(Self { scope, name: name(&request.name)?, tree, personal, now })
    }
}

/// The segment.
pub async fn create_segment(tx: &mut Tx, call: &Call, input: CreateSegment) -> Result<Segment, Error> {
    let CreateSegment { scope, name, tree, personal, now } = input;
    let place = place(scope);
    if store::count(&mut **tx, scope.realm, place).await? >= MOST {
        return Err(Error::TooManySegments);
    }
    let id = SegmentId::new(now);
    let segment =
        Segment { realm: scope.realm, id, place, name, tree, personal, version: 1, created_at: now, updated_at: now };
    store::insert(tx, &segment).await?;
    audit::record(tx, call, Entry::new("segment.created", ("segment", id), now).created(segment.audited()))?;
    Ok(segment)
}
