//! Takes a product off somebody's list.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, ProductId, RealmId},
    outbox,
};

use super::{Wish, store};
use crate::Error;

/// Takes the wish off its list; answers what it was.
pub async fn remove_wish(
    tx: &mut Tx,
    whose: (RealmId, CustomerId),
    product: ProductId,
    now: DateTime<Utc>,
) -> Result<Wish, Error> {
    let wish = store::take(tx, (whose.0, whose.1, product)).await?.ok_or(Error::WishNotFound)?;
    outbox::publish(tx, &wish.changed(false, now));
    Ok(wish)
}
