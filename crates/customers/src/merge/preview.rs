//! What a merge would do (CU-13).
use chrono::{DateTime, Utc};
use kit::{
    Db,
    actor::Actor,
    ids::{CustomerId, RealmId},
};
use proto::customers::v1::{self as pb, MergeBlocker};

use super::{Blocker, Field, combine::Keep, store};
use crate::{
    Error,
    customer::{
        Scope,
        grpc::tell,
        store::{self as customers, Known},
    },
    erasure::peers::Peers,
};
use kit::failure::Failure;

/// The two records as `actor` may see them, what conflicts, what moves and what stands in the way.
pub async fn preview(
    (db, peers): (&Db, &Peers),
    (actor, now): (&Actor, DateTime<Utc>),
    (realm, id, other): (RealmId, CustomerId, CustomerId),
) -> Result<pb::MergePreview, Error> {
    let find = async |id| customers::find(db.pool(), Scope::realm(realm), id).await?.ok_or(Error::CustomerNotFound);
    let (kept, gone): (Known, Known) = (find(id).await?, find(other).await?);
    if kept.customer.id == gone.customer.id {
        return Err(if id == other { Error::SameCustomer } else { Error::AlreadyMerged });
    }
    let mut moves = store::counts(db.pool(), realm, gone.customer.id).await?;
    let own = store::counts(db.pool(), realm, kept.customer.id).await?;
    let addresses =
        moves.get("addresses").copied().unwrap_or_default() + own.get("addresses").copied().unwrap_or_default();
    let both = (&kept.customer, &gone.customer);
    let conflicts: Vec<Field> = Field::ALL.into_iter().filter(|field| field.conflicts(both.0, both.1)).collect();
    let blockers = Blocker::of(both, &Keep::new(), addresses).into_iter().map(|blocker| {
        let error = blocker.error();
        MergeBlocker { reason: error.reason().to_owned(), detail: error.to_string() }
    });
    let blockers = blockers.collect();
    let (elsewhere, uncounted) = peers.moves((realm, gone.customer.id)).await;
    moves.extend(elsewhere);
    moves.retain(|_, count| *count > 0);
    let (kept, gone) = (tell(actor, kept, now), tell(actor, gone, now));
    Ok(pb::MergePreview {
        conflicts: conflicts.into_iter().map(|field| field.told(&kept, &gone)).collect(),
        kept: Some(kept),
        other: Some(gone),
        moves: moves.into_iter().collect(),
        blockers,
        uncounted: uncounted.into_iter().map(str::to_owned).collect(),
    })
}
