//! Ending all that somebody has open, impersonations of them among it: when staff close their doors (ID-9), with a new
//! password, with the account (ID-10). Every door asks whether it is open; here is what passed through before.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};

use super::{
    Subject,
    end::end_sessions,
    store::{self, Opened},
};
use crate::Error;

/// Ends the sessions of a customer, which are answered, and those that somebody is about to open who came in before `now`.
pub async fn shut_out(
    tx: &mut Tx,
    realm: RealmId,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> Result<Vec<Opened>, Error> {
    store::cut_off(tx, realm, customer, now).await?;
    end_sessions(tx, Subject::Customer(realm, customer), None, now).await
}
