//! Gives back what an order whose payment failed had used (CA-5).
use kit::Tx;

use super::store;
use crate::{error::Error, order::Order};

/// Lets others use the vouchers of `order`. Repeatable.
pub async fn release(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    if order.discounts.iter().any(|discount| !discount.code.is_empty()) {
        store::forget(tx, order.realm, order.id).await?;
    }
    Ok(())
}
