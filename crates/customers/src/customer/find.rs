//! Finds whom an e-mail address or phone belongs to.
use kit::{Db, email::Email, ids::RealmId, phone::Phone};

use super::store::{self, Known};
use crate::Error;

/// The customer with this e-mail address, or whom this proven phone signs in (ID-2). What is neither is nobody's.
pub async fn find_customer(db: &Db, realm: RealmId, identity: &str) -> Result<Option<Known>, Error> {
    if let Ok(email) = Email::parse(identity) {
        return store::find_by_email(db.pool(), realm, &email).await;
    }
    match Phone::parse(identity, None) {
        Ok(phone) => store::find_by_phone(db.pool(), realm, &phone).await,
        Err(_) => Ok(None),
    }
}
