//! The access review.
use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::identity::v1::{self as pb, ReviewAccessRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{list::Wanted, params::Params},
    router::Gateway,
    shape::{List, time},
};

/// The routes about access.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(review_access))
}

/// What somebody may do, and when they last did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "staff": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "name": "Olive Owner", "email": "owner@example.com",
    "seats": [{"place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "role": "owner", "permissions": ["customers.read"]}],
    "last_at": "2026-03-02T12:00:00Z",
    "deeds": [{"action": "product.updated", "last_at": "2026-03-02T12:00:00Z", "times": 7}],
}))]
pub struct Access {
    /// `stf_…`.
    pub staff: String,
    /// Display name.
    pub name: String,
    /// E-mail address they sign in with.
    pub email: String,
    /// What they are, and where.
    pub seats: Vec<Seat>,
    /// When they last did anything.
    pub last_at: Option<DateTime<Utc>>,
    /// What they did, the newest first.
    pub deeds: Vec<Deed>,
}

/// A role in a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seat {
    /// `sto_…` or `net_…`.
    pub place: String,
    /// Name of the role.
    pub role: String,
    /// Names of the permissions it gives.
    pub permissions: Vec<String>,
}

/// Something that somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deed {
    /// What.
    pub action: String,
    /// When last.
    pub last_at: Option<DateTime<Utc>>,
    /// How often.
    pub times: i64,
}

impl From<pb::Access> for Access {
    fn from(access: pb::Access) -> Self {
        let seats = access.seats.into_iter();
        let deeds = access.deeds.into_iter();
        Self {
            staff: access.staff,
            name: access.name,
            email: access.email,
            seats: seats.map(|pb::Seat { place, role, permissions }| Seat { place, role, permissions }).collect(),
            last_at: time(access.last_at),
            deeds: deeds.map(|deed| Deed { action: deed.action, last_at: time(deed.at), times: deed.times }).collect(),
        }
    }
}

/// Access review
///
/// Who may do what in the store or network, by name, and when they last did.
#[utoipa::path(
    get, path = "/admin/v1/audit/access", tag = "Audit", responses((status = 200, body = List<Access>)),
    extensions(("x-permission" = json!([Permission::AuditRead.slug()])))
)]
async fn review_access(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Access>>, Problem> {
    Wanted::read(params, &[])?;
    let found = peers.audit().review_access(caller.ask(ReviewAccessRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.people)))
}
