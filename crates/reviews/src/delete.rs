//! Deletes a review.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    clock::timestamp,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
    outbox,
    permission::Permission,
};
use proto::reviews::v1::ReviewDeleted;

use crate::{error::Error, review::Review, store};

/// Who deletes.
#[derive(Clone, Copy, Debug)]
pub enum Remover {
    /// The author of the review.
    Author(CustomerId),
    /// Staff who moderate this store, or all stores of their network.
    Moderator(Option<StoreId>),
}

impl Remover {
    /// What `actor` may delete as: their own as a customer, any as a moderator (RE-4).
    pub fn of(actor: &Actor) -> Result<Self, Error> {
        if actor.is_staff() {
            actor.require(Permission::ReviewsModerate)?;
            return Ok(Self::Moderator(actor.store));
        }
        let author = actor.require_customer()?;
        if actor.act.is_some() { Err(Error::Impersonation) } else { Ok(Self::Author(author)) }
    }
}

/// A review to delete.
pub struct DeleteReview {
    /// Customer base.
    pub realm: RealmId,
    /// Which.
    pub id: ReviewId,
    /// Who deletes it.
    pub remover: Remover,
    /// When.
    pub now: DateTime<Utc>,
}

/// Deletes the review and answers it as it was; somebody else's counts as unknown.
pub async fn delete_review(tx: &mut Tx, call: &Call, input: DeleteReview) -> Result<Review, Error> {
    let store = if let Remover::Moderator(store) = input.remover { store } else { None };
    let review = store::lock(&mut **tx, input.realm, store, input.id).await?.ok_or(Error::ReviewNotFound)?;
    if let Remover::Author(author) = input.remover
        && review.author_id != author
    {
        return Err(Error::ReviewNotFound);
    }
    call.check_version(review.version)?;
    store::delete(&mut **tx, &review).await?;
    let event = ReviewDeleted {
        realm: review.realm_id.into(),
        review: review.id.into(),
        author: review.author_id.into(),
        subject: review.subject().to_string(),
        at: Some(timestamp(input.now)),
        store: review.store_id.into(),
    };
    outbox::publish(tx, &event);
    let was = json!({
        "of": review.subject().to_string(),
        "rating": review.rating.stars(),
        "author_name": review.author_name,
        "content": review.content,
    });
    let entry = Entry::new("review.deleted", ("review", review.id), input.now);
    audit::record(tx, call, entry.about(review.author_id).removed(was))?;
    Ok(review)
}
