//! What identity does when somebody is erased (CU-15): it ends what is open, keeps out who is about to come in, and
//! forgets what the list says, by the person and by hashes of their addresses.
use holdings::{Person, Table, work::Forgetter};
use kit::{Error as Kit, Tx, clock::Clock, secret::Secrets};

use crate::{Error, attempt::attempt::whose, session::shut_out::shut_out};

/// What is special about identity.
pub struct Erasure {
    /// Time.
    pub clock: Clock,
    /// Makes the hashes that codes and tries are kept by.
    pub secrets: Secrets,
}

impl Forgetter for Erasure {
    const TABLES: &'static [Table] = crate::holdings::TABLES;

    async fn prepare(&self, tx: &mut Tx, person: &mut Person) -> Result<(), Kit> {
        let (realm, id) = (String::from(person.realm), String::from(person.customer));
        for identity in person.emails.iter().chain(&person.phones).chain([&id]) {
            let hashes = self.secrets.keyed_hashes("code-identity", identity.as_bytes());
            person.hashes.extend(hashes.iter().map(|hash| hash.to_vec()));
            person.hashes.push(whose(&self.secrets, &[&realm, identity]).to_vec());
        }
        match shut_out(tx, person.realm, person.customer, self.clock.now()).await {
            Ok(_) => Ok(()),
            Err(Error::Kit(error)) => Err(error),
            Err(error) => Err(Kit::Internal(error.to_string())),
        }
    }
}
