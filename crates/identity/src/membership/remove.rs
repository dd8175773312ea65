//! Ending a membership.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    actor::Actor,
    ids::{SessionId, StaffId},
};

use super::{Place, Role, change::keep_an_owner, standing, store};
use crate::{
    Error, invitation,
    session::{self, Subject, end::end_all},
};

/// A membership to end.
#[derive(Debug)]
pub struct RemoveMember<'a> {
    /// Whose.
    pub staff: StaffId,
    /// Where.
    pub place: Place,
    /// Who ends it.
    pub actor: &'a Actor,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Ends a membership, with the invitations the person has sent for this place. Whoever works nowhere any longer is
/// signed out. Answers the sessions that gateways have to forget or look at anew.
pub async fn remove_member(tx: &mut Tx, input: RemoveMember<'_>) -> Result<Vec<SessionId>, Error> {
    let RemoveMember { staff, place, actor, now } = input;
    let own = standing::of(tx, actor, place).await?;
    let member = store::member(tx, staff, place).await?.ok_or(Error::MemberNotFound)?;
    own.may_give(member.grant(own.in_network))?;
    if member.role == Role::Owner {
        keep_an_owner(tx, staff, place).await?;
    }
    store::delete(tx, staff, place).await?;
    invitation::store::revoke_of(tx, staff, place).await?;
    let sessions = session::store::of_staff_ids(tx, staff).await?;
    if !store::works_anywhere(tx, staff).await? {
        end_all(tx, Subject::Staff(staff), None, now).await?;
    }
    Ok(sessions)
}
