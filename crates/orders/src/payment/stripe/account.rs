//! Whose account a key is of: what is underway stays with the account that it was begun by.
use kit::{Error, ids::StoreId};

use super::{Stripe, client::Trouble, store, wire::Named};

impl Stripe {
    /// Whether `key` opens what is underway in `store`, if anything is. Another account has never heard of it, and nobody
    /// would learn any more what became of it.
    pub async fn opens(&self, store: StoreId, key: &str) -> Result<bool, Error> {
        let Some((is_page, name)) = store::underway(&self.pool, store).await? else { return Ok(true) };
        let path = if is_page { "checkout/sessions" } else { "payment_intents" };
        match self.client.get::<Named>(key, &format!("{path}/{name}")).await {
            Ok(_) => Ok(true),
            Err(Trouble::Refused(_)) => Ok(false),
            Err(unknown) => Err(unknown.passing()),
        }
    }
}
