//! Remembers when somebody was last there.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId, StoreId},
};

use super::store;
use crate::{Error, customer::store as record};

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
pub async fn record_sign_of_life(tx: &mut Tx, mut sign: SignOfLife) -> Result<(), Error> {
    if !store::see(tx, &sign).await? {
        let Some(kept) = record::kept(&mut **tx, sign.realm, sign.customer).await? else { return Ok(()) };
        sign.customer = kept;
        store::see(tx, &sign).await?;
    }
    match sign.store {
        Some(place) => store::know(tx, (sign.realm, place, sign.customer)).await,
        None => Ok(()),
    }
}
