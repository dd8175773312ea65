//! Public keys of the house.
use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::header::CACHE_CONTROL;
use proto::identity::v1::{ListKeysRequest, VerificationKey};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{peers::Peers, problem::Problem, router::Gateway};

/// The routes anybody may ask.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_keys))
}

/// Keys that signed assertions can be verified with (RFC 7517).
#[derive(Serialize, ToSchema)]
struct Jwks {
    /// The keys in use, next and retiring.
    keys: Vec<Jwk>,
}

/// An Ed25519 public key (RFC 8037).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "2026-03",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}))]
struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    /// Key id, as in the header of an assertion.
    kid: String,
    /// The key in base64url.
    x: String,
}

impl From<VerificationKey> for Jwk {
    fn from(key: VerificationKey) -> Self {
        let x = BASE64_URL_SAFE_NO_PAD.encode(&key.public_key);
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid: key.id, x }
    }
}

/// Keys of the house
///
/// The public keys that assertions between the services are verified with.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "Keys", responses((status = 200, body = Jwks)))]
async fn list_keys(State(peers): State<Arc<Peers>>) -> Result<Response, Problem> {
    let keys = peers.assertions().list_keys(ListKeysRequest {}).await?.into_inner().keys;
    let keys = Jwks { keys: keys.into_iter().map(Into::into).collect() };
    Ok(([(CACHE_CONTROL, "public, max-age=60")], Json(keys)).into_response())
}
