//! Whose account a key is of: what is underway stays with the account that it was begun by, unless that lets nobody in any
//! more.
use std::collections::BTreeSet;

use kit::{Tx, ids::StoreId};

use super::{Stripe, client::Trouble, store, wire::Named};
use crate::error::Error;

/// What is known of a key that a store is to be asked with from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It opens what is underway: it is of the present account.
    Same,
    /// It may be of another. Nobody waits for what is underway any more, if anything is; it is these.
    Other(BTreeSet<String>),
}

/// What a key finds.
enum Found {
    There,
    Nothing,
    /// Stripe does not let it in.
    Shut,
}

impl Stripe {
    /// Whether `key` may be that of `store`. Another account has never heard of what is underway in the present one, and
    /// nobody would learn any more what became of it. If Stripe does not let the present key in, nobody will in any case:
    /// then it is given up, where whoever names the key has said so by `force`.
    pub async fn admit(&self, store: StoreId, (key, force): (&str, bool)) -> Result<Admission, Error> {
        // Asked in this order, since what has no name in one moment may have one in the next.
        let known = store::unended(&self.pool, store).await?;
        let beginning = !force && store::is_beginning(&self.pool, store).await?;
        let present = self.keys_of(store).await?;
        for path in store::underway(&self.pool, store).await? {
            if matches!(self.find(key, &path).await?, Found::There) {
                return Ok(Admission::Same);
            }
            let Some(present) = &present else { continue };
            match self.find(&present.secret, &path).await? {
                // Of an account of before, which was given up.
                Found::Nothing => {}
                Found::Shut if force => {}
                Found::There | Found::Shut => return Err(Error::GatewayInUse),
            }
        }
        // In a moment it has a name, and can be looked for.
        if beginning {
            return Err(Error::GatewayInUse);
        }
        Ok(Admission::Other(known))
    }

    async fn find(&self, key: &str, path: &str) -> Result<Found, Error> {
        match self.client.get::<Named>(key, path).await {
            Ok(_) => Ok(Found::There),
            Err(Trouble::Refused(fault)) if matches!(fault.status, 401 | 403) => Ok(Found::Shut),
            Err(Trouble::Refused(_)) => Ok(Found::Nothing),
            Err(unknown) => Err(unknown.passing().into()),
        }
    }
}

impl Admission {
    /// Refuses what has begun in `store` since it was looked, now that the key is about to change.
    pub async fn confirm(&self, tx: &mut Tx, store: StoreId) -> Result<(), Error> {
        match self {
            Self::Other(known) if !store::unended(&mut **tx, store).await?.is_subset(known) => Err(Error::GatewayInUse),
            Self::Same | Self::Other(_) => Ok(()),
        }
    }
}
