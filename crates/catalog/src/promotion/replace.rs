//! Gives an offer or a voucher other terms (CA-5).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
};

use super::{Promotion, Terms, create::check, store};
use crate::Error;

/// Replaces what `promotion`, which is locked, says. An offer stays an offer, a voucher a voucher.
pub async fn replace_promotion(
    tx: &mut Tx,
    call: &Call,
    (mut promotion, terms): (Promotion, Terms),
    now: DateTime<Utc>,
) -> Result<Promotion, Error> {
    call.check_version(promotion.version)?;
    if promotion.terms.code.is_some() != terms.code.is_some() {
        return Err(Error::PromotionNotFound);
    }
    if promotion.terms == terms {
        return Ok(promotion); // a version that changed would say that something did
    }
    check(tx, promotion.store, &terms).await?;
    let before = std::mem::replace(&mut promotion.terms, terms);
    promotion.version += 1;
    promotion.updated_at = now;
    store::update(&mut **tx, &promotion).await?;
    let entry = Entry::new("promotion.updated", ("promotion", promotion.name()), now);
    audit::record(tx, call, entry.changed(before.told(), promotion.terms.told()))?;
    Ok(promotion)
}
