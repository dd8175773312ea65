//! The stores that a shopper knows: where they bought, were given something, or have an account.
use std::collections::HashMap;

use kit::{Call, email::Email, ids::StoreId};
use proto::{
    customers::v1::find_shopper_response::{Record, StoreRecord},
    identity::v1::ShopperStore,
};

use super::{find, open};
use crate::{
    Error,
    account::Desk,
    shop::{self, shop::Store},
};

/// The stores, those with the newest purchase first.
pub async fn list_stores(desk: &Desk, call: &Call, email: &Email) -> Result<Vec<ShopperStore>, Error> {
    let records = find(desk, call, email).await?;
    let records = open(desk, call, email, records).await?;
    let known: Vec<StoreId> =
        records.iter().flat_map(|record| &record.stores).filter_map(|store| store.store.parse().ok()).collect();
    let shops = shop::store::with_ids(desk.db.pool(), &known).await?;
    let shops: HashMap<String, Store> = shops.into_iter().map(|shop| (shop.id.to_string(), shop)).collect();
    let mut stores: Vec<_> = records
        .iter()
        .flat_map(|record| record.stores.iter().map(move |store| (record, store)))
        .filter(|(record, store)| {
            store.orders_count > 0 || store.gifted_at.is_some() || record.registration == "registered"
        })
        .filter_map(|(record, store)| Some(told(record, store, shops.get(&store.store)?)))
        .collect();
    stores.sort_by_key(|store| {
        (std::cmp::Reverse(store.last_order_at.as_ref().map(|at| (at.seconds, at.nanos))), store.name.clone())
    });
    Ok(stores)
}

fn told(record: &Record, store: &StoreRecord, shop: &Store) -> ShopperStore {
    ShopperStore {
        id: store.store.clone(),
        name: shop.name.clone(),
        url: shop.url.clone(),
        currency: shop.currency.clone(),
        realm: record.realm.clone(),
        customer: record.customer.clone(),
        registration: record.registration.clone(),
        orders_count: store.orders_count,
        last_order_at: store.last_order_at,
    }
}
