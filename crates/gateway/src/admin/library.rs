//! A customer's library, as staff tend it (OR-8).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::{clock::timestamp, permission::Permission};
use proto::orders::v1 as pb;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams, patch},
    router::Gateway,
    shape::{LibraryItem, List},
};

/// The routes about libraries.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_library, grant_library_item))
        .routes(routes!(edit_library_item))
        .routes(routes!(revoke_library_item))
}

/// A product for somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "reason": "They won it."}))]
struct NewLibraryItem {
    /// `prd_…`: a digital product of the store.
    #[schema(pattern = "^prd_[0-9a-f]{32}$")]
    product: String,
    /// `manual`, or `gift` for what somebody else paid for.
    #[serde(default)]
    #[schema(pattern = "^(manual|gift)?$")]
    source: Option<String>,
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    reason: String,
    /// Staff's own words.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    note: Option<String>,
    /// Downloads of each of its files, 0 for any number; as many as the product says without this.
    #[serde(default)]
    #[schema(maximum = 10_000)]
    download_limit: Option<u32>,
    /// Until when; for ever without this.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
}

/// Changes to what somebody has; what is left out stays.
#[expect(clippy::option_option, reason = "null takes a limit away, which leaving it out does not")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"download_limit": 10, "reason": "Their disk broke."}))]
struct LibraryItemChanges {
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    reason: String,
    /// Staff's own words.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    note: Option<String>,
    /// Downloads of each of its files, 0 for any number; `null` for as many as the product says.
    #[serde(default, deserialize_with = "patch::as_given")]
    #[schema(value_type = Option<u32>, maximum = 10_000)]
    download_limit: Option<Option<u32>>,
    /// Until when; `null` for ever.
    #[serde(default, deserialize_with = "patch::as_given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    until: Option<Option<DateTime<Utc>>>,
}

/// Why something is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "A chargeback."}))]
struct LibraryRevocation {
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    reason: String,
}

/// A customer's library.
pub async fn list(peers: &Peers, caller: &Caller, customer: String) -> Result<Answer<List<LibraryItem>>, Problem> {
    let found = peers.libraries().list_library(caller.ask(pb::ListLibraryRequest { customer })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.items)))
}

/// A customer's library
///
/// All of it, what came last first, with what they no longer have. Staff of a store see what their store sells.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/library", tag = "Library",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = List<LibraryItem>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_library(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<List<LibraryItem>>, Problem> {
    list(&peers, &caller, id).await
}

/// Give a customer a product
///
/// A bundle or combo brings what is inside. What somebody has already, they have in one more way.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/library", tag = "Library", request_body = NewLibraryItem,
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 201, body = LibraryItem),
        (status = 404, description = "`customer_not_found`: there is no such customer. | `product_not_found`: there is no such product."),
        (status = 422, description = "`product_not_digital`: it is shipped.")
    ),
    extensions(("x-permission" = json!([Permission::LibraryWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn grant_library_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
    Body(new): Body<NewLibraryItem>,
) -> Result<Answer<LibraryItem>, Problem> {
    let wanted = pb::GrantLibraryItemRequest {
        customer,
        product: new.product,
        source: new.source.unwrap_or_default(),
        reason: new.reason,
        note: new.note.unwrap_or_default(),
        download_limit: new.download_limit,
        until: new.until.map(timestamp),
    };
    let given = peers.libraries().grant_library_item(caller.ask(wanted)).await?;
    Ok(Answer::<LibraryItem>::of(given).status(StatusCode::CREATED))
}

/// Change what a customer has
///
/// How many downloads there are, until when, and the note about it; the history keeps what was before.
#[utoipa::path(
    patch, path = "/admin/v1/customers/{id}/library/{item}", tag = "Library", request_body = LibraryItemChanges,
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("item" = String, Path, description = "`lib_…`", example = "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")
    ),
    responses(
        (status = 200, body = LibraryItem),
        (status = 404, description = "`customer_not_found`: there is no such customer. | `library_item_not_found`: they do not have it.")
    ),
    extensions(("x-permission" = json!([Permission::LibraryWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn edit_library_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((customer, item)): Path<(String, String)>,
    Body(changes): Body<LibraryItemChanges>,
) -> Result<Answer<LibraryItem>, Problem> {
    let wanted = pb::EditLibraryItemRequest {
        customer,
        item,
        reason: changes.reason,
        note: changes.note,
        no_download_limit: changes.download_limit == Some(None),
        download_limit: changes.download_limit.flatten(),
        no_until: changes.until == Some(None),
        until: changes.until.flatten().map(timestamp),
    };
    Ok(Answer::of(peers.libraries().edit_library_item(caller.ask(wanted)).await?))
}

/// Take something from a customer
///
/// However it came, with what came inside; its links are dead at once. No rebuild brings it back; buying it anew does.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/library/{item}/revoke", tag = "Library", request_body = LibraryRevocation,
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("item" = String, Path, description = "`lib_…`", example = "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")
    ),
    responses(
        (status = 200, body = LibraryItem),
        (status = 404, description = "`customer_not_found`: there is no such customer. | `library_item_not_found`: they never had it.")
    ),
    extensions(("x-permission" = json!([Permission::LibraryWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn revoke_library_item(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((customer, item)): Path<(String, String)>,
    Body(LibraryRevocation { reason }): Body<LibraryRevocation>,
) -> Result<Answer<LibraryItem>, Problem> {
    let wanted = pb::RevokeLibraryItemRequest { customer, item, reason };
    Ok(Answer::of(peers.libraries().revoke_library_item(caller.ask(wanted)).await?))
}
