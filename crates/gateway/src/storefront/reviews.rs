//! Reviews of products and stores (RE-1, RE-2, RE-4).
use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, State};
use http::StatusCode;
use proto::reviews::v1::{
    CountReviewsRequest, CountReviewsResponse, DeleteReviewRequest, GetReviewRequest, ListReviewsRequest,
    SubmitReviewRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::Params},
    router::Gateway,
    shape::Review,
};

/// The routes about reviews.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_reviews, submit_review))
        .routes(routes!(count_reviews))
        .routes(routes!(get_review, delete_review))
}

/// A review to submit.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "subject": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "rating": 5, "content": "Holds its pint.",
}))]
pub struct NewReview {
    /// `prd_…` or `sto_…`.
    #[schema(pattern = "^(prd|sto)_[0-9a-f]{32}$")]
    pub subject: String,
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub rating: u32,
    /// Text, at most 5 000 characters.
    #[serde(default)]
    #[schema(max_length = 5_000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub content: Option<String>,
}

/// Number of reviews with each rating.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = json!({"1": 0, "2": 0, "3": 1, "4": 2, "5": 7}))]
pub struct Ratings(BTreeMap<String, i64>);

impl From<CountReviewsResponse> for Ratings {
    fn from(counted: CountReviewsResponse) -> Self {
        let of = |rating: u32| (rating.to_string(), counted.ratings.get(&rating).copied().unwrap_or_default());
        Self((1..=5).map(of).collect())
    }
}

/// Which reviews to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
struct Browse {
    /// `prd_…` or `sto_…`; this or `author` is needed.
    #[param(example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", pattern = "^((prd|sto)_[0-9a-f]{32})?$")]
    subject: Option<String>,
    /// `cus_…`.
    #[param(pattern = "^(cus_[0-9a-f]{32})?$")]
    author: Option<String>,
    /// `newest`, `oldest`, `highest` or `lowest`.
    #[param(example = "newest", pattern = "^(newest|oldest|highest|lowest)?$")]
    sort: Option<String>,
    /// Rows wanted, 1 to 100.
    #[param(example = 25, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Rows to skip, at most 10 000.
    #[param(example = 0, maximum = 10_000)]
    offset: Option<u32>,
}

/// Reviews
///
/// Of a product or store, or by an author.
#[utoipa::path(
    get, path = "/storefront/v1/reviews", tag = "Reviews", params(Browse),
    responses((status = 200, body = Vec<Review>))
)]
async fn list_reviews(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Vec<Review>>, Problem> {
    let wanted = ListReviewsRequest {
        subject: params.text("subject"),
        author: params.text("author"),
        sort: params.text("sort"),
        limit: params.limit()?,
        offset: params.number("offset")?,
        page: None,
    };
    let found = peers.reviews().list_reviews(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| found.reviews.into_iter().map(Into::into).collect()))
}

/// Number of reviews with each rating
#[utoipa::path(
    get, path = "/storefront/v1/reviews/count", tag = "Reviews",
    params(("subject" = Option<String>, Query, description = "`prd_…` or `sto_…`; the store without it", pattern = "^((prd|sto)_[0-9a-f]{32})?$", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    responses((status = 200, body = Ratings))
)]
async fn count_reviews(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Ratings>, Problem> {
    let wanted = CountReviewsRequest { subject: params.text("subject") };
    Ok(Answer::of(peers.reviews().count_reviews(caller.ask(wanted)).await?))
}

/// A review
#[utoipa::path(
    get, path = "/storefront/v1/reviews/{id}", tag = "Reviews",
    params(("id" = String, Path, description = "`rev_…`", example = "rev_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses((status = 200, body = Review), (status = 404, description = "`review_not_found`: there is no such review."))
)]
async fn get_review(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Review>, Problem> {
    Ok(Answer::<Review>::of(peers.reviews().get_review(caller.ask(GetReviewRequest { id })).await?).tagged())
}

/// Write a review
///
/// Registered customers only, once for each subject.
#[utoipa::path(
    post, path = "/storefront/v1/reviews", tag = "Reviews", request_body = NewReview,
    responses(
        (status = 201, body = Review),
        (status = 403, description = "`registration_required`: guests cannot write reviews. | `impersonation`: nobody reviews on behalf of a customer. | `blocked`: the store keeps this address or e-mail address out."),
        (status = 404, description = "`subject_not_found`: there is no such product or store."),
        (status = 409, description = "`already_reviewed`: you have reviewed this already."),
        (status = 422, description = "`reviews_disabled`: this network takes no reviews.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
async fn submit_review(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(review): Body<NewReview>,
) -> Result<Answer<Review>, Problem> {
    let NewReview { subject, rating, content } = review;
    let wanted = SubmitReviewRequest { subject, rating, content: content.unwrap_or_default() };
    let review = peers.reviews().submit_review(caller.ask(wanted)).await?;
    Ok(Answer::<Review>::of(review).tagged().status(StatusCode::CREATED))
}

/// Delete a review of one's own
///
/// Answers it as it was.
#[utoipa::path(
    delete, path = "/storefront/v1/reviews/{id}", tag = "Reviews",
    params(("id" = String, Path, description = "`rev_…`", example = "rev_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 200, body = Review),
        (status = 404, description = "`review_not_found`: there is no such review of yours."),
        (status = 412, description = "`stale_version`: the review was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
async fn delete_review(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Review>, Problem> {
    Ok(Answer::<Review>::of(peers.reviews().delete_review(caller.ask(DeleteReviewRequest { id })).await?).tagged())
}
