//! Settings of a store or network: whether its staff need a second factor (ID-20).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::FACTORS,
    audit::{self, Entry, json},
    denied::Denied,
    ids::SessionId,
};

use super::store;
use crate::{
    Error,
    membership::{self, Place},
    session::{
        Subject,
        end::{EndSession, end_session},
    },
};

/// Changes whether staff of `place` need a second factor, which is a matter of owners. Where they need one from now on,
/// sessions without one end; they are answered.
pub async fn require_factor(
    tx: &mut Tx,
    (place, required): (Place, bool),
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, Error> {
    membership::store::lock(tx, place).await?;
    let actor = call.actor()?;
    let (before, version) = store::settings(&mut **tx, place).await?.ok_or(Denied::StoreRequired)?;
    call.check_version(version)?;
    if !actor.is_system() {
        let staff = actor.staff().ok_or(Denied::WrongCaller)?;
        if !membership::store::standing(tx, staff, place).await?.is_owner {
            return Err(Error::OwnersOnly);
        }
    }
    store::save_settings(tx, place, required).await?;
    let entry = Entry::new("settings.updated", ("place", place), now);
    let changed = entry.changed(json!({ "factor_required": before }), json!({ "factor_required": required }));
    audit::record(tx, call, changed)?;
    let mut ended = Vec::new();
    if required && !before {
        for (id, staff) in store::bare_sessions(tx, place, &FACTORS).await? {
            end_session(tx, EndSession { id, subject: Subject::Staff(staff), now }).await?;
            ended.push(id);
        }
    }
    Ok(ended)
}
