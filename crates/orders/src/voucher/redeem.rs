//! Uses vouchers for an order (CA-5).
use kit::Tx;

use super::{Voucher, store};
use crate::{error::Error, order::Order};

/// Counts a use of each of `vouchers` for the draft `order`, whose payment is about to be taken. However many checkouts
/// run at once, none uses a voucher more often than it may be: what is limited lets one after the other through, by its row
/// of counts or by the customer; what is not keeps nobody waiting.
///
/// # Errors
/// [`Error::VoucherUsedUp`], naming the code.
pub async fn redeem(tx: &mut Tx, order: &Order, vouchers: &[Voucher]) -> Result<(), Error> {
    let mut vouchers: Vec<&Voucher> = vouchers.iter().collect();
    // In one order for everybody, so that no two wait for each other.
    vouchers.sort_by_key(|voucher| voucher.id);
    for voucher in vouchers {
        let used_up = || Error::VoucherUsedUp(voucher.code.clone());
        match voucher.uses {
            Some(limit) if !store::count(&mut **tx, order.store, (voucher, limit)).await? => return Err(used_up()),
            Some(_) => {}
            None => store::uncount(&mut **tx, order.store, voucher).await?,
        }
        if let Some(limit) = voucher.uses_per_customer {
            let whose = (order.realm, order.customer);
            store::queue_up(&mut **tx, whose, voucher).await?;
            if store::used_by(&mut **tx, whose, voucher).await? >= i64::from(limit) {
                return Err(used_up());
            }
        }
        store::note(&mut **tx, (order.realm, order.store, order.id, order.customer), voucher).await?;
    }
    Ok(())
}
