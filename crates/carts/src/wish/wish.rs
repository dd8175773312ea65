//! A wish: a product that somebody would like to have, and whether they bought it since.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, OrderId, ProductId, RealmId, StoreId},
};
use proto::carts::v1 as pb;

use crate::offer::{Offer, Offers};

/// How many products a list has at the most; the catalog tells about as many at once.
pub const MOST: i64 = 200;

/// A wish.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Wish {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    #[sqlx(rename = "product_id")]
    pub(crate) product: ProductId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: StoreId,
    pub(crate) name: String,
    pub(crate) image_url: String,
    pub(crate) wished_at: DateTime<Utc>,
    pub(crate) bought_at: Option<DateTime<Utc>>,
    #[sqlx(rename = "order_id")]
    pub(crate) order: Option<OrderId>,
}

impl Wish {
    /// As the API shows it, at the price of now and by the name of now where the catalog still has it.
    #[must_use]
    pub fn told(self, offers: &Offers) -> pb::Wish {
        let offer = offers.get(self.product);
        let label = offer.map(|offer| (offer.label.name.clone(), offer.label.image_url.clone()));
        let (name, image_url) = label.unwrap_or((self.name, self.image_url));
        pb::Wish {
            product: self.product.into(),
            store: self.store.into(),
            name,
            image_url,
            price: offer.filter(|offer| offer.active).and_then(Offer::from_price).map(Into::into),
            wished_at: Some(timestamp(self.wished_at)),
            bought_at: self.bought_at.map(timestamp),
            order: self.order.map(String::from).unwrap_or_default(),
        }
    }

    /// The event that it was put on the list, or taken off.
    #[must_use]
    pub fn changed(&self, wished: bool, now: DateTime<Utc>) -> pb::WishlistChanged {
        pb::WishlistChanged {
            realm: self.realm.into(),
            customer: self.customer.into(),
            product: self.product.into(),
            store: self.store.into(),
            wished,
            at: Some(timestamp(now)),
        }
    }
}
