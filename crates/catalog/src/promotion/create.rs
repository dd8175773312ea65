//! Adds an offer or a voucher (CA-5).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{PromotionId, StoreId},
};

use super::{Promotion, Terms, store};
use crate::Error;

/// Most offers of a store: each cart looks at all of them.
pub const MOST_OFFERS: usize = 100;

/// Adds it to `seller` for whoever sent `call`.
pub async fn create_promotion(
    tx: &mut Tx,
    call: &Call,
    (seller, terms): (StoreId, Terms),
    now: DateTime<Utc>,
) -> Result<Promotion, Error> {
    check(tx, seller, &terms).await?;
    if terms.code.is_none() && store::count_offers(tx, seller).await? >= MOST_OFFERS {
        return Err(Error::TooMany(MOST_OFFERS));
    }
    let promotion =
        Promotion { id: PromotionId::new(now), store: seller, terms, version: 1, created_at: now, updated_at: now };
    store::insert(&mut **tx, &promotion).await?;
    let entry = Entry::new("promotion.created", ("promotion", promotion.name()), now);
    audit::record(tx, call, entry.created(promotion.terms.told()))?;
    Ok(promotion)
}

/// Passes when all that the terms name is there.
pub(super) async fn check(tx: &mut Tx, seller: StoreId, terms: &Terms) -> Result<(), Error> {
    let known = store::count_products(&mut **tx, seller, &terms.products).await?;
    if usize::try_from(known) == Ok(terms.products.len()) { Ok(()) } else { Err(Error::UnknownProduct) }
}
