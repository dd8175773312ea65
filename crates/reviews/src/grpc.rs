//! The RPCs.
use kit::{
    Call, Db,
    actor::Actor,
    blocks::Blocks,
    clock::Clock,
    denied::Denied,
    failure::Violation,
    ids::{CustomerId, ReviewId},
    page::{self, Pager},
    reads::Reads,
    transport::Transport,
};
use proto::{
    customers::v1::{GetCustomerRequest, customer_service_client::CustomerServiceClient},
    reviews::v1::{self as pb, review_service_server::ReviewService},
};
use tonic::{Request, Response, Status};

use crate::{
    delete::{DeleteReview, Remover, delete_review},
    error::Error,
    list::{ListReviews, Place, moderated},
    review::{public_name, tally},
    store,
    subject::{Subject, Subjects},
    submit::{Draft, SubmitReview, submit_review},
};

/// The RPCs about reviews.
pub struct Reviews {
    /// The service's database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Makes cursors.
    pub pager: Pager,
    /// What there is to review.
    pub subjects: Subjects,
    /// Who is kept out.
    pub blocks: Blocks,
    /// The customers' names.
    pub customers: CustomerServiceClient<Transport>,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
}

#[tonic::async_trait]
impl ReviewService for Reviews {
    async fn submit_review(&self, request: Request<pb::SubmitReviewRequest>) -> Result<Response<pb::Review>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let author = author(actor)?;
        let draft = Draft::parse(&request.into_inner())?;
        let input = self.prepare(&call, author, draft).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let review = submit_review(&mut tx, input).await?;
        Ok(tx.answer(review.into()).await?)
    }

    async fn get_review(&self, request: Request<pb::GetReviewRequest>) -> Result<Response<pb::Review>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (realm, store) = (actor.realm()?, moderated(actor)?);
        let id = parse(&request.into_inner().id)?;
        let review = store::find(self.db.pool(), realm, store, id).await.map_err(Error::from)?;
        let review = review.ok_or(Error::ReviewNotFound)?;
        self.reads.note(&call, [review.author_id]);
        Ok(Response::new(review.shown_to(actor)))
    }

    async fn list_reviews(
        &self,
        request: Request<pb::ListReviewsRequest>,
    ) -> Result<Response<pb::ListReviewsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let request = request.into_inner();
        let list = ListReviews::parse(&request, actor)?;
        let (reviews, place) = if request.page.is_some() {
            let context = list.context();
            let page = self.pager.read(request.page.as_ref(), &context)?;
            let rows = store::page(self.db.pool(), list.filter, list.sort, &page).await?;
            let (rows, mut place) = self.pager.finish(&page, rows, &context, Place::key);
            if page.total {
                let counted = store::count_listed(self.db.pool(), list.filter).await.map_err(Error::from)?;
                place.total = page::total(counted);
            }
            (rows, Some(place))
        } else {
            let rows = store::list(self.db.pool(), list.filter, list.sort, list.range).await.map_err(Error::from)?;
            (rows, None)
        };
        self.reads.note(&call, reviews.iter().map(|review| review.author_id));
        let reviews = reviews.into_iter().map(|review| review.shown_to(actor)).collect();
        Ok(Response::new(pb::ListReviewsResponse { reviews, page: place }))
    }

    async fn count_reviews(
        &self,
        request: Request<pb::CountReviewsRequest>,
    ) -> Result<Response<pb::CountReviewsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        moderated(actor)?;
        let subject = match request.into_inner().subject.as_str() {
            "" => Subject::Store(actor.store()?),
            subject => subject
                .parse()
                .map_err(|_| Violation::new("/subject", "malformed", "this is not the id of a product or store"))?,
        };
        let counts = store::count(self.db.pool(), actor.realm()?, subject).await.map_err(Error::from)?;
        Ok(Response::new(tally(&counts)))
    }

    async fn delete_review(&self, request: Request<pb::DeleteReviewRequest>) -> Result<Response<pb::Review>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (realm, remover, now) = (actor.realm()?, Remover::of(actor)?, self.clock.now());
        let id = parse(&request.into_inner().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let review = delete_review(&mut tx, &call, DeleteReview { realm, id, remover, now }).await?;
        Ok(tx.answer(review.shown_to(actor)).await?)
    }
}

impl Reviews {
    /// Completes a draft by what other services know: whether its subject is there, and the author's name.
    async fn prepare(&self, call: &Call, author: CustomerId, draft: Draft) -> Result<SubmitReview, Error> {
        let actor = call.actor()?;
        let subject_store = self.subjects.store_of(draft.subject, actor, call).await?;
        let request = call.trace(GetCustomerRequest { id: author.into() });
        let customer = self.customers.clone().get_customer(request).await?.into_inner();
        if customer.registration != "registered" {
            return Err(Error::RegistrationRequired);
        }
        self.blocks.refuse(call, &customer.email).await?;
        Ok(SubmitReview {
            realm: actor.realm()?,
            store: actor.store.unwrap_or(subject_store),
            subject: draft.subject,
            subject_store,
            author,
            author_name: public_name(&customer.name),
            rating: draft.rating,
            content: draft.content,
            now: self.clock.now(),
        })
    }
}

/// The customer who writes: in person (ID-25).
fn author(actor: &Actor) -> Result<CustomerId, Error> {
    if actor.is_staff() {
        return Err(Denied::WrongCaller.into());
    }
    let author = actor.require_customer()?;
    if actor.act.is_some() {
        return Err(Error::Impersonation);
    }
    actor.require_self()?;
    Ok(author)
}

/// An id in the path: a malformed one is as unknown as any other.
fn parse(id: &str) -> Result<ReviewId, Error> {
    id.parse().map_err(|_| Error::ReviewNotFound)
}
