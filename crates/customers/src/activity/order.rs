//! Counts a placed order; the first one turns a lead into a customer (CU-1).
use chrono::{DateTime, Utc};
use kit::{
    Tx, clock,
    ids::{CustomerId, OrderId, RealmId, StoreId},
    money::Currency,
    outbox,
};
use proto::customers::v1::CustomerPromoted;

use super::store;
use crate::Error;

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
    /// When it was placed.
    pub at: DateTime<Utc>,
}

/// Counts `placed` for the record and for the store, heard of at `now`.
pub async fn record_order(tx: &mut Tx, placed: PlacedOrder, now: DateTime<Utc>) -> Result<(), Error> {
    if store::count_order(tx, &placed, now).await? == Some(true) {
        let event = CustomerPromoted {
            realm: placed.realm.into(),
            customer: placed.customer.into(),
            order: placed.order.into(),
            at: Some(clock::timestamp(placed.at)),
        };
        outbox::publish(tx, &event);
    }
    Ok(())
}
