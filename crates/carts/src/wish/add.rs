//! Puts a product on somebody's list.
use kit::{Tx, outbox};

use super::{Wish, store};
use crate::Error;

/// Puts `wish` on its list; answers what is there now. What is there already stays as it is, unless it was bought since.
pub async fn add_wish(tx: &mut Tx, wish: Wish) -> Result<Wish, Error> {
    let known = store::find(&mut **tx, (wish.realm, wish.customer, wish.product)).await?;
    if let Some(known) = known.filter(|known| known.bought_at.is_none()) {
        return Ok(known);
    }
    if !store::put(tx, &wish).await? {
        return Err(Error::WishlistFull);
    }
    outbox::publish(tx, &wish.changed(true, wish.wished_at));
    Ok(wish)
}
