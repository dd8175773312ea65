//! What is told of a change of a library: ids, and nothing of who somebody is.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, OrderId, ProductId, RealmId, StoreId},
};
use proto::orders::v1::LibraryChanged;

use super::What;

/// The event that `what` happened to some products in somebody's library.
#[must_use]
pub fn told(
    (realm, store, customer): (RealmId, StoreId, CustomerId),
    (what, order): (What, Option<OrderId>),
    products: &[ProductId],
    at: DateTime<Utc>,
) -> LibraryChanged {
    LibraryChanged {
        realm: realm.into(),
        store: store.into(),
        customer: customer.into(),
        change: what.slug().to_owned(),
        products: products.iter().map(|product| (*product).into()).collect(),
        order: order.map(String::from).unwrap_or_default(),
        at: Some(timestamp(at)),
    }
}
