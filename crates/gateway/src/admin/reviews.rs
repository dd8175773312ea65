//! Reviews, for moderation (RE-2, RE-4).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::{failure::Violation, permission::Permission};
use proto::reviews::v1::{DeleteReviewRequest, ListReviewsRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, Pages, ReviewSorts};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, Review},
};

/// The routes about reviews.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_reviews)).routes(routes!(delete_review))
}

/// What reviews can be asked for.
pub const OFFER: Offer = &[Extra::Filters, Extra::Sorts];

/// Reviews of `subject` by `author`, any when empty.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    [subject, author]: [String; 2],
    wanted: Wanted,
) -> Result<Answer<List<Review>>, Problem> {
    let sort = sort(&wanted.sort)?.to_owned();
    let wanted = ListReviewsRequest { subject, author, sort, page: Some(wanted.page), ..Default::default() };
    let found = peers.reviews().list_reviews(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.reviews, found.page)))
}

/// The service's name for an order of reviews.
fn sort(fields: &[String]) -> Result<&'static str, Violation> {
    match fields.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["-created_at"] => Ok("newest"),
        ["created_at"] => Ok("oldest"),
        ["-rating"] => Ok("highest"),
        ["rating"] => Ok("lowest"),
        _ => Err(Violation::new("/sort", "unknown_field", "sort reviews by created_at or rating")),
    }
}

/// Reviews
///
/// Newest first. Filters: `subject` and `author`, by `eq`; sorts: `created_at`, `rating`.
#[utoipa::path(
    get, path = "/admin/v1/reviews", tag = "Reviews", params(Pages, ReviewSorts, Filters),
    responses((status = 200, body = List<Review>)),
    extensions(("x-permission" = json!([Permission::ReviewsRead.slug()])))
)]
async fn list_reviews(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Review>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    list(&peers, &caller, wanted.only(["subject", "author"])?, wanted).await
}

/// Delete a review
#[utoipa::path(
    delete, path = "/admin/v1/reviews/{id}", tag = "Reviews",
    params(("id" = String, Path, description = "`rev_…`", example = "rev_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 204, description = "The review is gone."),
        (status = 404, description = "`review_not_found`: there is no such review."),
        (status = 412, description = "`stale_version`: the review was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::ReviewsModerate.slug()])))
)]
async fn delete_review(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.reviews().delete_review(caller.ask(DeleteReviewRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_orders_are_refused() {
        assert_eq!(sort(&["-rating".to_owned()]), Ok("highest"));
        assert!(sort(&["content".to_owned()]).is_err());
        assert!(sort(&["rating".to_owned(), "created_at".to_owned()]).is_err());
    }
}
