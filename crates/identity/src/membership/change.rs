//! Giving a member another role.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{SessionId, StaffId},
};

use super::{Assigned, Place, Role, member::Member, standing, store};
use crate::{Error, impersonation::end::end_with, invitation, session};

/// Another role for a member.
#[derive(Debug)]
pub struct ChangeMember<'a> {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub place: Place,
    /// What they are to be.
    pub role: Assigned,
    /// The request: who changes them.
    pub call: &'a Call,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Gives a member another role; answers them with the sessions that gateways have to look at anew.
pub async fn change_member(tx: &mut Tx, input: ChangeMember<'_>) -> Result<(Member, bool, Vec<SessionId>), Error> {
    let ChangeMember { staff, place, role, call, now } = input;
    let own = standing::of(tx, call.actor()?, place).await?;
    let member = store::member(tx, staff, place).await?.ok_or(Error::MemberNotFound)?;
    let (grant, _) = role.resolve(tx, place, own.in_network).await?;
    own.may_give(member.grant(own.in_network))?;
    own.may_give(grant)?;
    if member.role == Role::Owner && grant.role != Role::Owner {
        keep_an_owner(tx, staff, place).await?;
    }
    // What they sent out while they could.
    invitation::store::revoke_of(tx, staff, place).await?;
    store::set_role(tx, staff, place, role).await?;
    let before = member.audited();
    let member = store::member(tx, staff, place).await?.ok_or(Error::MemberNotFound)?;
    let entry = Entry::new("member.updated", ("staff", staff), now).changed(before, member.audited());
    audit::record(tx, call, entry)?;
    let mut sessions = session::store::of_staff_ids(tx, staff).await?;
    sessions.extend(end_with(tx, &sessions, now).await?);
    Ok((member, own.in_network, sessions))
}

/// Refuses to leave a place without an owner. The place's members are locked.
pub(super) async fn keep_an_owner(tx: &mut Tx, staff: StaffId, place: Place) -> Result<(), Error> {
    if store::has_other_owner(tx, staff, place).await? { Ok(()) } else { Err(Error::LastOwner) }
}
