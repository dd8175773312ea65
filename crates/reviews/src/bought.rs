//! What makes a review one of a verified purchase (RE-6).
use kit::{
    Error,
    ids::{CustomerId, InvalidId, ProductId, RealmId},
};
use proto::orders::v1::OrderPlaced;

use crate::subject::Subject;

/// A product, or something in a store, that a customer bought.
#[derive(Clone, Copy, Debug)]
pub struct Bought {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// What, or where.
    pub subject: Subject,
}

impl Bought {
    /// All that an order says.
    pub fn of(placed: &OrderPlaced) -> Result<Vec<Self>, Error> {
        let unreadable = |e: InvalidId| Error::Internal(format!("OrderPlaced cannot be read: {e}"));
        let realm = placed.realm.parse().map_err(unreadable)?;
        let customer = placed.customer.parse().map_err(unreadable)?;
        let product = |id: &String| Ok(Subject::Product(id.parse::<ProductId>().map_err(unreadable)?));
        let products = placed.lines.iter().map(|line| product(&line.product));
        let store = placed.store.parse().map(Subject::Store).map_err(unreadable);
        products.chain([store]).map(|subject| Ok(Self { realm, customer, subject: subject? })).collect()
    }
}
