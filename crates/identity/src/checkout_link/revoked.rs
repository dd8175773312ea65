//! A link that is revoked takes along whoever came by it.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};

use super::METHOD;
use crate::{
    Error,
    session::{
        Subject,
        end::{EndSession, end_session},
        store,
    },
};

/// Ends the sessions of a customer that a link opened.
pub async fn end_link_sessions(
    tx: &mut Tx,
    (realm, customer): (RealmId, CustomerId),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let subject = Subject::Customer(realm, customer);
    for session in store::of_subject(&mut **tx, subject, now).await? {
        if session.methods.iter().any(|method| method == METHOD) {
            end_session(tx, EndSession { id: session.id, subject, now }).await?;
        }
    }
    Ok(())
}
