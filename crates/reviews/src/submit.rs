//! Submits a review.
use chrono::{DateTime, Utc};
use kit::{
    Error as KitError, Tx,
    clock::timestamp,
    failure::Violation,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
    outbox,
};
use proto::reviews::v1 as pb;

use crate::{
    error::Error,
    review::{Rating, Review, content},
    store,
    subject::Subject,
};

/// What is said, read.
pub struct Draft {
    /// About what.
    pub subject: Subject,
    /// How good it is.
    pub rating: Rating,
    /// In words; may be empty.
    pub content: String,
}

impl Draft {
    /// Reads the request, or tells all its faults.
    pub fn parse(request: &pb::SubmitReviewRequest) -> Result<Self, KitError> {
        let subject: Result<Subject, _> = request.subject.parse();
        let subject = subject.map_err(|_| match request.subject.as_str() {
            "" => Violation::new("/subject", "required", "say what is reviewed"),
            _ => Violation::new("/subject", "malformed", "this is not the id of a product or store"),
        });
        match (subject, Rating::parse(request.rating), content(&request.content)) {
            (Ok(subject), Ok(rating), Ok(content)) => Ok(Self { subject, rating, content }),
            (subject, rating, content) => {
                Err(KitError::Invalid([subject.err(), rating.err(), content.err()].into_iter().flatten().collect()))
            }
        }
    }
}

/// A review to submit.
pub struct SubmitReview {
    /// Customer base.
    pub realm: RealmId,
    /// Where it is written.
    pub store: StoreId,
    /// About what.
    pub subject: Subject,
    /// Store that is reviewed, or that sells what is.
    pub subject_store: StoreId,
    /// Who writes.
    pub author: CustomerId,
    /// Under which name.
    pub author_name: String,
    /// How good it is.
    pub rating: Rating,
    /// In words; may be empty.
    pub content: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// Submits the review, unless its author has one of this subject (RE-1).
pub async fn submit_review(tx: &mut Tx, input: SubmitReview) -> Result<Review, Error> {
    let id = ReviewId::new(input.now);
    store::insert(&mut **tx, id, &input).await?;
    let event = pb::ReviewSubmitted {
        realm: input.realm.into(),
        store: input.store.into(),
        review: id.into(),
        author: input.author.into(),
        subject: input.subject.to_string(),
        rating: input.rating.stars(),
        at: Some(timestamp(input.now)),
    };
    outbox::publish(tx, &event);
    store::find(&mut **tx, input.realm, None, id).await?.ok_or(Error::ReviewNotFound)
}
