//! A captured payment or a refund, as customers hears of it.
use chrono::{DateTime, Utc};
use kit::{
    ids::{CustomerId, OrderId, RealmId, StoreId, TransactionId},
    money::Money,
};

/// Money that came in, or went back.
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
    /// How much; less than nothing when it went back.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}
