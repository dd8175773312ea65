//! What a customer wishes for (CA-10).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use proto::carts::v1::{AddWishRequest, ListWishesRequest, RemoveWishRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    shape::Wish,
};

/// A product to wish for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"}))]
pub struct NewWish {
    /// `prd_…`.
    #[schema(max_length = 40)]
    pub product: String,
}

/// One's own wish list
///
/// Newest first, all of it: at most 200 products. What was bought since stays, and says so.
#[utoipa::path(
    get, path = "/storefront/v1/customers/wishlist", tag = "Customers", operation_id = "list_wishes",
    responses((status = 200, body = Vec<Wish>)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Vec<Wish>>, Problem> {
    let found = peers.wishes().list_wishes(caller.ask(ListWishesRequest::default())).await?;
    Ok(Answer::mapped(found, |found| found.wishes.into_iter().map(Into::into).collect()))
}

/// Wish for a product
///
/// As often as one likes: it is on the list once. One that was bought since is wished for anew.
#[utoipa::path(
    post, path = "/storefront/v1/customers/wishlist", tag = "Customers", operation_id = "add_wish",
    request_body = NewWish,
    responses(
        (status = 201, body = Wish),
        (status = 404, description = "`product_not_found`: there is no such product here."),
        (status = 422, description = "`wishlist_full`: at most 200 products.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn add(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewWish { product }): Body<NewWish>,
) -> Result<Answer<Wish>, Problem> {
    let wish = peers.wishes().add_wish(caller.ask(AddWishRequest { product })).await?;
    Ok(Answer::<Wish>::of(wish).status(StatusCode::CREATED))
}

/// Wish for a product no longer
///
/// Answers what it was.
#[utoipa::path(
    delete, path = "/storefront/v1/customers/wishlist/{product}", tag = "Customers", operation_id = "remove_wish",
    params(("product" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses((status = 200, body = Wish), (status = 404, description = "`wish_not_found`: this is not on the list.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn remove(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(product): Path<String>,
) -> Result<Answer<Wish>, Problem> {
    Ok(Answer::of(peers.wishes().remove_wish(caller.ask(RemoveWishRequest { product })).await?))
}
