//! Ending a membership.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{SessionId, StaffId},
};

use super::{Place, Role, change::keep_an_owner, standing, store};
use crate::{
    Error,
    impersonation::end::end_with,
    invitation,
    session::{self, Subject, end::end_all},
};

/// A membership to end.
#[derive(Debug)]
pub struct RemoveMember<'a> {
    /// Whose.
    pub staff: StaffId,
    /// Where.
    pub place: Place,
    /// The request: who ends it.
    pub call: &'a Call,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Ends a membership, with the invitations the person has sent for this place. Whoever works nowhere any longer is
/// signed out. Answers the sessions that gateways have to forget or look at anew.
pub async fn remove_member(tx: &mut Tx, input: RemoveMember<'_>) -> Result<Vec<SessionId>, Error> {
    let RemoveMember { staff, place, call, now } = input;
    let own = standing::of(tx, call.actor()?, place).await?;
    let member = store::member(tx, staff, place).await?.ok_or(Error::MemberNotFound)?;
    own.may_give(member.grant(own.in_network))?;
    if member.role == Role::Owner {
        keep_an_owner(tx, staff, place).await?;
    }
    let entry = Entry::new("member.removed", ("staff", staff), now).removed(member.audited());
    audit::record(tx, call, entry)?;
    store::delete(tx, staff, place).await?;
    invitation::store::revoke_of(tx, staff, place).await?;
    let mut sessions = session::store::of_staff_ids(tx, staff).await?;
    sessions.extend(end_with(tx, &sessions, now).await?);
    if !store::works_anywhere(tx, staff).await? {
        end_all(tx, Subject::Staff(staff), None, now).await?;
    }
    Ok(sessions)
}
