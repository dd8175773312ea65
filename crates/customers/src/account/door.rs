//! Registrations are judged by the same score as accounts are (AD-3), with what they have: a name, an e-mail address, and who
//! else came from there just now. Nothing of it depends on who is known here, so that a refusal tells nobody (ID-7).
use chrono::{DateTime, Utc};
use kit::{Tx, ids::RealmId};

use super::{
    registration::{network, series},
    rules::Registrations,
    spam::{self, Signs},
    store,
};
use crate::Error;

/// What a record is tagged with whose registration looked like spam.
pub const SUSPECTED: &str = "suspected-spam";

/// Somebody who registers.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// Customer base.
    pub realm: RealmId,
    /// The name; may be empty.
    pub name: &'a str,
    /// The canonical e-mail address.
    pub email: &'a str,
    /// The network address; may be empty.
    pub ip: &'a str,
}

/// Whether the newcomer is to be tagged; refuses them where that is asked for.
pub async fn judge(tx: &mut Tx, newcomer: Newcomer<'_>, now: DateTime<Utc>) -> Result<bool, Error> {
    let Newcomer { realm, name, email, ip } = newcomer;
    let rules = store::rules(&mut **tx, realm).await?;
    if rules.registrations == Registrations::Off {
        return Ok(false);
    }
    let (neighbours, series) = store::neighbours(&mut **tx, realm, (network(ip), series(email)), now).await?;
    let (name, email) = (name.to_owned(), email.to_owned());
    // Whoever is on a block list was refused before.
    let signs = Signs { name, email, neighbours: neighbours + 1, series: series + 1, blocked: false };
    match (spam::score(&signs).0 >= rules.registration_score, rules.registrations) {
        (true, Registrations::Refuse) => Err(Error::RegistrationRefused),
        (suspected, _) => Ok(suspected),
    }
}
