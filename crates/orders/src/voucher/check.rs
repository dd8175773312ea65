//! Says before anything is paid that a voucher is used up (CA-5). What counts is decided when the payment begins.
use kit::{
    ids::{CustomerId, OrderId, RealmId, StoreId},
    pool::Pool,
};

use super::{Voucher, store};
use crate::error::Error;

/// Who is about to use vouchers, and where.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// Customer base.
    pub realm: RealmId,
    /// Whose vouchers.
    pub store: StoreId,
    /// Who buys, where it is known.
    pub customer: Option<CustomerId>,
    /// The draft there is of the same cart, whose uses are its own.
    pub draft: Option<OrderId>,
}

/// Passes when each of `vouchers` can be used once more.
pub async fn check(pool: &Pool, place: Use, vouchers: &[Voucher]) -> Result<(), Error> {
    let Use { realm, store, customer, draft } = place;
    for voucher in vouchers.iter().filter(|voucher| voucher.is_limited()) {
        if let Some(draft) = draft
            && store::is_noted(pool, (realm, draft), voucher).await?
        {
            continue;
        }
        let total = store::used(pool, store, voucher).await?;
        let own = match customer {
            Some(customer) => store::used_by(pool, (realm, customer), voucher).await?,
            None => 0,
        };
        let over = |limit: Option<u32>, used: i64| limit.is_some_and(|limit| used >= i64::from(limit));
        if over(voucher.uses, total) || over(voucher.uses_per_customer, own) {
            return Err(Error::VoucherUsedUp(voucher.code.clone()));
        }
    }
    Ok(())
}
