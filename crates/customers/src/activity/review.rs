//! Counts the reviews that somebody wrote and that are still there.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
};

use super::store;
use crate::{Error, customer::store as record};

/// A review that was written or deleted.
#[derive(Clone, Debug)]
pub struct Review {
    /// The customer base.
    pub realm: RealmId,
    /// Its id.
    pub id: ReviewId,
    /// Who wrote it.
    pub author: CustomerId,
    /// Where it was written; a deletion does not say.
    pub store: Option<StoreId>,
    /// Whether it is gone, which it stays.
    pub deleted: bool,
    /// When it was written or deleted.
    pub at: DateTime<Utc>,
}

/// Takes `review` into account, heard of at `now`.
pub async fn record_review(tx: &mut Tx, review: Review, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(mut customer) = record::lock(tx, review.realm, review.author).await? else { return Ok(()) };
    let review = Review { author: customer.id, ..review };
    if !store::put_review(tx, &review).await? {
        return Ok(());
    }
    let count = store::count_reviews(tx, review.realm, review.author).await?;
    customer.review(count, now);
    if !review.deleted {
        customer.seen(review.at);
    }
    record::save(tx, &customer).await?;
    store::count_reviews_in_stores(tx, review.realm, review.author).await
}
