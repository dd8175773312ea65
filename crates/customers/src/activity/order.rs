//! A placed order, as customers hears of it.
use chrono::{DateTime, Utc};
use kit::{
    clock,
    ids::{CustomerId, OrderId, ProductId, RealmId, StoreId},
    money::Currency,
};
use proto::customers::v1::CustomerPromoted;

/// A placed order.
#[derive(Clone, Debug)]
pub struct PlacedOrder {
    /// The customer base.
    pub realm: RealmId,
    /// Where it was placed.
    pub store: StoreId,
    /// The order.
    pub order: OrderId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Number that people use.
    pub number: String,
    /// What it is paid in.
    pub currency: Currency,
    /// What was bought, each once.
    pub products: Vec<ProductId>,
    /// When it was placed.
    pub at: DateTime<Utc>,
}

impl PlacedOrder {
    /// The event that it turned a lead into a customer (CU-1).
    #[must_use]
    pub fn promoted(&self) -> CustomerPromoted {
        CustomerPromoted {
            realm: self.realm.into(),
            customer: self.customer.into(),
            order: self.order.into(),
            at: Some(clock::timestamp(self.at)),
        }
    }
}
