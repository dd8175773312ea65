//! Ending what somebody has open when staff close their doors, impersonations of them among it (ID-9). Every door asks
//! customers whether it is open; here is what passed through before.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};

use super::{Subject, end::end_sessions, store};
use crate::Error;

/// Ends the sessions of a customer, and those that somebody is about to open who came in before `now`.
pub async fn shut_out(tx: &mut Tx, realm: RealmId, customer: CustomerId, now: DateTime<Utc>) -> Result<(), Error> {
    store::cut_off(tx, realm, customer, now).await?;
    end_sessions(tx, Subject::Customer(realm, customer), None, now).await?;
    Ok(())
}
