//! Keys of integrations (ID-24).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::{clock::timestamp, permission::Permission};
use proto::identity::v1::{self as pb, CreateApiKeyRequest, GetApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaFormat, SchemaType, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::roles::permissions;
use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about keys of integrations.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_api_keys, create_api_key)).routes(routes!(get_api_key, revoke_api_key))
}

/// A key of an integration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "akey_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f", "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "name": "Accounting", "prefix": "sk_Yk9vX0p", "permissions": ["orders.read"], "allowed_ips": ["192.0.2.0/24"],
    "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "expires_at": null, "last_used_at": "2026-03-02T12:30:00Z",
}))]
pub struct ApiKey {
    /// `akey_…`.
    pub id: String,
    /// The store or network it works in, `sto_…` or `net_…`.
    pub place: String,
    /// Display name.
    pub name: String,
    /// To be sent as `Authorization: Bearer`; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// What the secret begins with.
    pub prefix: String,
    /// Names of what it may do.
    pub permissions: Vec<String>,
    /// Networks it may be used from; empty for any.
    pub allowed_ips: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl From<pb::ApiKey> for ApiKey {
    fn from(key: pb::ApiKey) -> Self {
        Self {
            id: key.id,
            place: key.place,
            name: key.name,
            secret: text(key.secret),
            prefix: key.prefix,
            permissions: key.permissions,
            allowed_ips: key.allowed_ips,
            created_by: key.created_by,
            created_at: time(key.created_at),
            expires_at: time(key.expires_at),
            last_used_at: time(key.last_used_at),
        }
    }
}

/// Addresses and networks.
fn networks() -> Array {
    let format = SchemaFormat::Custom("network".to_owned());
    let network = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(network).max_items(Some(50)).build()
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Accounting", "permissions": ["orders.read"], "allowed_ips": ["192.0.2.0/24"],
    "expires_at": "2040-03-02T12:00:00Z",
}))]
pub struct NewApiKey {
    /// Display name, 1 to 120 characters.
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Names of what it may do; nothing that you may not.
    #[schema(schema_with = permissions)]
    pub permissions: Vec<String>,
    /// Addresses and networks (IPv4 or IPv6) it may be used from; any without it.
    #[serde(default)]
    #[schema(schema_with = networks)]
    pub allowed_ips: Option<Vec<String>>,
    /// When it ends, later than now; never without it.
    #[serde(default)]
    #[schema(format = "future")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Keys of integrations
///
/// Those of the store or network that are not revoked, oldest first.
#[utoipa::path(
    get, path = "/admin/v1/api-keys", tag = "API keys", responses((status = 200, body = List<ApiKey>)),
    extensions(("x-permission" = json!([Permission::KeysWrite.slug()])))
)]
async fn list_api_keys(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<ApiKey>>, Problem> {
    let found = peers.api_keys().list_api_keys(caller.ask(ListApiKeysRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.keys)))
}

/// Make a key
///
/// The secret is shown this once. A key that makes another passes on what binds it: addresses and end.
#[utoipa::path(
    post, path = "/admin/v1/api-keys", tag = "API keys", request_body = NewApiKey,
    responses(
        (status = 201, body = ApiKey),
        (status = 403, description = "`step_up_required`: prove first who you are."),
        (status = 422, description = "`too_many_keys`: there are a hundred keys already.")
    ),
    extensions(("x-permission" = json!([Permission::KeysWrite.slug()])))
)]
async fn create_api_key(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(key): Body<NewApiKey>,
) -> Result<Answer<ApiKey>, Problem> {
    let wanted = CreateApiKeyRequest {
        name: key.name,
        permissions: key.permissions,
        allowed_ips: key.allowed_ips.unwrap_or_default(),
        expires_at: key.expires_at.map(timestamp),
    };
    let key = Answer::<ApiKey>::of(peers.api_keys().create_api_key(caller.ask(wanted)).await?);
    let location = format!("/admin/v1/api-keys/{}", key.body.id);
    Ok(key.created(location))
}

/// A key
#[utoipa::path(
    get, path = "/admin/v1/api-keys/{id}", tag = "API keys",
    params(("id" = String, Path, description = "`akey_…`", example = "akey_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f")),
    responses((status = 200, body = ApiKey), (status = 404, description = "`api_key_not_found`: there is no such key.")),
    extensions(("x-permission" = json!([Permission::KeysWrite.slug()])))
)]
async fn get_api_key(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<ApiKey>, Problem> {
    Ok(Answer::of(peers.api_keys().get_api_key(caller.ask(GetApiKeyRequest { id })).await?))
}

/// Revoke a key
///
/// At once, everywhere.
#[utoipa::path(
    delete, path = "/admin/v1/api-keys/{id}", tag = "API keys",
    params(("id" = String, Path, description = "`akey_…`", example = "akey_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f")),
    responses(
        (status = 204, description = "The key is over."),
        (status = 403, description = "`step_up_required`: prove first who you are."),
        (status = 404, description = "`api_key_not_found`: there is no such key.")
    ),
    extensions(("x-permission" = json!([Permission::KeysWrite.slug()])))
)]
async fn revoke_api_key(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.api_keys().revoke_api_key(caller.ask(RevokeApiKeyRequest { id: id.clone() })).await?;
    desk.revoke(&id);
    Ok(StatusCode::NO_CONTENT)
}
