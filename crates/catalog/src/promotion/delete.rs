//! Deletes an offer or a voucher. What it took off orders stays written there.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
};

use super::{Promotion, store};
use crate::Error;

/// Deletes `promotion`, which is locked, and answers it as it was.
pub async fn delete_promotion(
    tx: &mut Tx,
    call: &Call,
    promotion: Promotion,
    now: DateTime<Utc>,
) -> Result<Promotion, Error> {
    call.check_version(promotion.version)?;
    store::delete(&mut **tx, &promotion).await?;
    let entry = Entry::new("promotion.deleted", ("promotion", promotion.name()), now);
    audit::record(tx, call, entry.removed(promotion.terms.told()))?;
    Ok(promotion)
}
