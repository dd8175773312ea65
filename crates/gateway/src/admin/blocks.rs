//! Block lists (ID-26).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::{clock::timestamp, permission::Permission};
use proto::identity::v1::{self as pb, CreateBlockRequest, DeleteBlockRequest, ListBlocksRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, time},
};

/// The routes about block lists.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_blocks, create_block)).routes(routes!(delete_block))
}

/// An entry of the block list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "blk_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b", "kind": "domain", "value": "spam.example", "reason": "Nothing but spam.",
    "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z", "expires_at": null,
}))]
pub struct Block {
    /// `blk_…`.
    pub id: String,
    /// `ip`, `email` or `domain`.
    pub kind: String,
    /// The network, the domain, or the e-mail address masked: it is kept as a hash.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<pb::Block> for Block {
    fn from(block: pb::Block) -> Self {
        Self {
            id: block.id,
            kind: block.kind,
            value: block.value,
            reason: block.reason,
            created_by: block.created_by,
            created_at: time(block.created_at),
            expires_at: time(block.expires_at),
        }
    }
}

/// Whom to keep out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "domain", "value": "spam.example", "reason": "Nothing but spam."}))]
pub struct NewBlock {
    /// `ip`, `email` or `domain`.
    #[schema(pattern = "^(ip|email|domain)$")]
    pub kind: String,
    /// An address or network such as `192.0.2.0/24`, an e-mail address, or a domain, which stands for those below it, too.
    #[schema(format = "blocked")]
    pub value: String,
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// When it ends, later than now; never without it.
    #[serde(default)]
    #[schema(format = "future")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// The block list
///
/// Newest first. Who is on it can neither register nor sign in, check out or review.
#[utoipa::path(
    get, path = "/admin/v1/blocks", tag = "Block list", responses((status = 200, body = List<Block>)),
    extensions(("x-permission" = json!([Permission::BlocksWrite.slug()])))
)]
async fn list_blocks(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Block>>, Problem> {
    let found = peers.blocks().list_blocks(caller.ask(ListBlocksRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.blocks)))
}

/// Keep somebody out
#[utoipa::path(
    post, path = "/admin/v1/blocks", tag = "Block list", request_body = NewBlock,
    responses(
        (status = 201, body = Block),
        (status = 409, description = "`already_blocked`: there is an entry for this already."),
        (status = 422, description = "`too_many_blocks`: there are ten thousand entries already.")
    ),
    extensions(("x-permission" = json!([Permission::BlocksWrite.slug()])))
)]
async fn create_block(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(block): Body<NewBlock>,
) -> Result<Answer<Block>, Problem> {
    let NewBlock { kind, value, reason, expires_at } = block;
    let request = CreateBlockRequest { kind, value, reason, expires_at: expires_at.map(timestamp) };
    let block = peers.blocks().create_block(caller.ask(request)).await?;
    Ok(Answer::of(block).status(StatusCode::CREATED))
}

/// Let somebody in again
#[utoipa::path(
    delete, path = "/admin/v1/blocks/{id}", tag = "Block list",
    params(("id" = String, Path, description = "`blk_…`", example = "blk_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b")),
    responses(
        (status = 204, description = "The entry is gone."),
        (status = 404, description = "`block_not_found`: there is no such entry.")
    ),
    extensions(("x-permission" = json!([Permission::BlocksWrite.slug()])))
)]
async fn delete_block(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.blocks().delete_block(caller.ask(DeleteBlockRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
