//! Adds captured money to what a customer spent (CU-1, CU-4). It may be heard of before its order.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, OrderId, RealmId, StoreId, TransactionId},
    money::Money,
};

use super::store;
use crate::Error;

/// Money that came in.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The customer base.
    pub realm: RealmId,
    /// Whose takings it is.
    pub store: StoreId,
    /// What it is for.
    pub order: OrderId,
    /// Who paid.
    pub customer: CustomerId,
    /// The entry of the ledger, which counts once.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}

/// Adds `payment` to the record and to the store, heard of at `now`.
pub async fn record_payment(tx: &mut Tx, payment: Payment, now: DateTime<Utc>) -> Result<(), Error> {
    store::count_payment(tx, &payment, now).await
}
