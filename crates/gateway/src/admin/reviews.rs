//! Reviews, for moderation (RE-2, RE-4).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::{failure::Violation, page::Page};
use proto::reviews::v1::{self as pb, DeleteReviewRequest, ListReviewsRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, Pages, Sorts};
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
///
/// The service counts rows, as shop clients do; the cursors of this list carry the number of a row.
pub async fn list(
    gateway: &Gateway,
    caller: &Caller,
    [subject, author]: [String; 2],
    wanted: Wanted,
) -> Result<Answer<List<Review>>, Problem> {
    let sort = sort(&wanted.sort)?;
    let actor = caller.actor()?;
    let place = (actor.realm.map(String::from), actor.store.map(String::from));
    let context = format!("reviews {place:?} {subject} {author} {sort}");
    let page = gateway.pager.read(Some(&wanted.page), &context)?;
    let (offset, rows) = window(&page)?;
    let mut found: Vec<(u32, pb::Review)> = Vec::new();
    // One row more than a page tells whether there are more; the service gives at most 100 at once.
    for (offset, limit) in [(offset, rows.min(100)), (offset + 100, rows.saturating_sub(100))] {
        if limit > 0 && (found.is_empty() || found.len() == 100) {
            let (subject, author) = (subject.clone(), author.clone());
            let wanted = ListReviewsRequest { subject, author, sort: sort.to_owned(), limit, offset };
            let reviews = gateway.peers.reviews().list_reviews(caller.ask(wanted)).await?.into_inner().reviews;
            found.extend((offset..).zip(reviews));
        }
    }
    if !page.is_forward() {
        found.reverse();
    }
    let (found, page) = gateway.pager.finish(&page, found, &context, |(row, _)| vec![row.to_string()]);
    Ok(Answer::new(List::new(found.into_iter().map(|(_, review)| review).collect(), Some(page))))
}

/// First row and number of rows to read for a page.
fn window(page: &Page) -> Result<(u32, u32), Violation> {
    let Some(cursor) = &page.cursor else { return Ok((0, page.limit + 1)) };
    let row = cursor.key.first().and_then(|row| row.parse::<u32>().ok());
    let row = row.ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not valid for this list"))?;
    if cursor.forward {
        return Ok((row + 1, page.limit + 1));
    }
    let first = row.saturating_sub(page.limit + 1);
    Ok((first, row - first))
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
    get, path = "/admin/v1/reviews", tag = "Reviews", params(Pages, Sorts, Filters),
    responses((status = 200, body = List<Review>))
)]
async fn list_reviews(
    State(gateway): State<Gateway>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Review>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    list(&gateway, &caller, wanted.only(["subject", "author"])?, wanted).await
}

/// Delete a review
#[utoipa::path(
    delete, path = "/admin/v1/reviews/{id}", tag = "Reviews",
    params(("id" = String, Path, description = "`rev_…`", example = "rev_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 204, description = "The review is gone."),
        (status = 404, description = "`review_not_found`: there is no such review."),
        (status = 412, description = "`stale_version`: the review was changed in the meantime.")
    )
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
    use kit::page::Cursor;

    use super::*;

    fn page(cursor: Option<(bool, u32)>) -> Page {
        let cursor = cursor.map(|(forward, row)| Cursor { forward, key: vec![row.to_string()] });
        Page { limit: 10, cursor, total: false }
    }

    #[test]
    fn pages_are_windows_of_rows() {
        assert_eq!(window(&page(None)), Ok((0, 11)));
        assert_eq!(window(&page(Some((true, 9)))), Ok((10, 11)));
        assert_eq!(window(&page(Some((false, 20)))), Ok((9, 11)));
        assert_eq!(window(&page(Some((false, 10)))), Ok((0, 10)));
        assert_eq!(window(&page(Some((false, 0)))), Ok((0, 0)));
    }

    #[test]
    fn other_orders_are_refused() {
        assert_eq!(sort(&["-rating".to_owned()]), Ok("highest"));
        assert!(sort(&["content".to_owned()]).is_err());
        assert!(sort(&["rating".to_owned(), "created_at".to_owned()]).is_err());
    }
}
