//! Staff gave a customer another e-mail address or phone number: it is not proven yet, and what was opened with the
//! former one ends (CU-8).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
};

use super::store;
use crate::{Error, session::shut_out::shut_out};

/// Whose login moved, which part of it, and when.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// Whose.
    pub customer: CustomerId,
    /// Whether the e-mail address is another one.
    pub email: bool,
    /// Whether the phone number signs in no longer.
    pub phone: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// Forgets what was proven of the former address, and ends all that is open. Repeatable: a proof since then stays.
pub async fn move_login(tx: &mut Tx, realm: RealmId, moved: Moved) -> Result<(), Error> {
    if moved.email {
        store::forget_proof(tx, realm, moved.customer, moved.at).await?;
    }
    if moved.phone {
        store::forget_phone(tx, realm, moved.customer).await?;
    }
    shut_out(tx, realm, moved.customer, moved.at).await?;
    Ok(())
}
