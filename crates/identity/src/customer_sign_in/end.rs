//! Ends sessions of a customer in the name of the staff (CU-8).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    ids::SessionId,
};

use crate::{
    Error,
    session::{Subject, end::revoke_session, shut_out::shut_out, store::Opened},
};

/// Ends the session `id` of `subject`, or all of them; answers those that have ended.
pub async fn end(
    tx: &mut Tx,
    call: &Call,
    (subject, id): (Subject, Option<SessionId>),
    now: DateTime<Utc>,
) -> Result<Vec<Opened>, Error> {
    let Subject::Customer(realm, customer) = subject else { return Ok(Vec::new()) };
    let ended = match id {
        Some(id) => vec![revoke_session(tx, subject, id, now).await?],
        None => shut_out(tx, realm, customer, now).await?,
    };
    let sessions: Vec<_> = ended.iter().map(|session| session.id.to_string()).collect();
    let entry = Entry::new("customer.sessions_ended", ("customer", customer), now).about(customer);
    audit::record(tx, call, entry.removed(json!({ "sessions": sessions })))?;
    Ok(ended)
}
