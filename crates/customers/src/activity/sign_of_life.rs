//! Remembers when somebody was last there.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId, StoreId},
};

use super::store;
use crate::Error;

/// Somebody registered or signed in.
#[derive(Clone, Copy, Debug)]
pub struct SignOfLife {
    /// The customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// Where, when it is known.
    pub store: Option<StoreId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Moves the last activity on, never back.
pub async fn record_sign_of_life(tx: &mut Tx, sign: SignOfLife) -> Result<(), Error> {
    if store::see(tx, &sign).await?
        && let Some(place) = sign.store
    {
        store::know(tx, (sign.realm, place, sign.customer)).await?;
    }
    Ok(())
}
