//! The stores that a shopper knows (ID-15).
use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::identity::v1::{self as pb, ListShopperStoresRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::NoParams,
    shape::{text, time},
};

/// A store where the shopper has bought, or has an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShopperStore, example = json!({
    "id": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Corner Shop", "url": "https://shop.example.com",
    "currency": "EUR", "customer_id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "registration": "guest", "orders": 3,
    "last_order_at": "2026-03-02T12:00:00Z",
}))]
pub struct Store {
    /// `sto_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Address of its shop front.
    pub url: Option<String>,
    /// Currency of its prices.
    pub currency: String,
    /// The shopper's record there, `cus_…`.
    pub customer_id: String,
    /// `guest` or `registered`.
    pub registration: String,
    /// Number of orders.
    pub orders: i64,
    /// The newest order.
    pub last_order_at: Option<DateTime<Utc>>,
}

impl From<pb::ShopperStore> for Store {
    fn from(store: pb::ShopperStore) -> Self {
        Self {
            id: store.id,
            name: store.name,
            url: text(store.url),
            currency: store.currency,
            customer_id: store.customer,
            registration: store.registration,
            orders: store.orders_count,
            last_order_at: time(store.last_order_at),
        }
    }
}

/// All of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShopperStores)]
pub struct Stores {
    /// The stores, those with the newest purchase first.
    pub data: Vec<Store>,
}

/// The stores where one has bought, or has an account
#[utoipa::path(
    get, path = "/account/v1/stores", tag = "Stores", operation_id = "list_stores",
    responses((status = 200, body = Stores))
)]
pub async fn list(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Stores>, Problem> {
    let found = peers.shoppers().list_shopper_stores(caller.ask(ListShopperStoresRequest {})).await?;
    Ok(Answer::mapped(found, |found| Stores { data: found.stores.into_iter().map(Into::into).collect() }))
}
