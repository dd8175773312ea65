//! Wishes that came true.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, OrderId, ProductId, RealmId},
};

use super::store;
use crate::{Error, close::CloseCart};

/// A product that somebody bought.
#[derive(Clone, Copy, Debug)]
pub struct Bought {
    pub(super) realm: RealmId,
    pub(super) customer: CustomerId,
    pub(super) product: ProductId,
    pub(super) order: OrderId,
    pub(super) at: DateTime<Utc>,
}

/// Notes on the lists of those who bought that they have what they wished for. Repeatable, in any order.
pub async fn note_bought(tx: &mut Tx, sold: &[CloseCart]) -> Result<(), Error> {
    let bought: Vec<_> = sold.iter().flat_map(of_order).collect();
    if bought.is_empty() { Ok(()) } else { store::buy(tx, &bought).await }
}

fn of_order(sold: &CloseCart) -> impl Iterator<Item = Bought> {
    let CloseCart { realm, customer, order, at, .. } = *sold;
    let products: HashSet<ProductId> = sold.prices.iter().map(|&((product, _), _)| product).collect();
    products.into_iter().map(move |product| Bought { realm, customer, product, order, at })
}
