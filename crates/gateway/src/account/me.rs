//! The shopper who is signed in.
use std::sync::Arc;

use axum::extract::State;
use proto::identity::v1::{self as pb, GetShopperRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::params::NoParams};

/// A shopper: the person behind a proven e-mail address, in every store.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "shp_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d", "email": "jane@example.com"}))]
pub struct Shopper {
    /// `shp_…`.
    pub id: String,
    /// The proven e-mail address.
    pub email: String,
}

impl From<pb::Shopper> for Shopper {
    fn from(shopper: pb::Shopper) -> Self {
        Self { id: shopper.id, email: shopper.email }
    }
}

/// Who is signed in
#[utoipa::path(
    get, path = "/account/v1/me", tag = "Sessions", operation_id = "get_me", responses((status = 200, body = Shopper))
)]
pub async fn get(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Shopper>, Problem> {
    Ok(Answer::of(peers.shoppers().get_shopper(caller.ask(GetShopperRequest {})).await?))
}
