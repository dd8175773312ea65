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
    shape::{List, text, time},
};

/// The routes about access.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(review_access))
}

/// What somebody or a key may do, and when they last did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessGrant, example = json!({
    "kind": "staff", "id": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "name": "Olive Owner", "email": "owner@example.com",
    "seats": [{"place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "role": "owner", "permissions": ["customers.read"]}],
    "last_at": "2026-03-02T12:00:00Z", "expires_at": null, "allowed_ips": [],
    "deeds": [{"action": "product.updated", "last_at": "2026-03-02T12:00:00Z", "times": 7}],
}))]
pub struct Access {
    /// `staff` or `api_key`.
    pub kind: String,
    /// `stf_…` or `akey_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// E-mail address they sign in with; none of a key.
    pub email: Option<String>,
    /// What they are, and where.
    pub seats: Vec<Seat>,
    /// When they last did anything, or the key was last used.
    pub last_at: Option<DateTime<Utc>>,
    /// When the key ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Networks the key may be used from; empty for any.
    pub allowed_ips: Vec<String>,
    /// What they did, the newest first.
    pub deeds: Vec<Deed>,
}

/// A role in a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seat {
    /// `sto_…` or `net_…`.
    pub place: String,
    /// Name of the role; a key has none.
    pub role: Option<String>,
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
            kind: access.kind,
            id: access.id,
            name: access.name,
            email: text(access.email),
            seats: seats
                .map(|pb::Seat { place, role, permissions }| Seat { place, role: text(role), permissions })
                .collect(),
            last_at: time(access.last_at),
            expires_at: time(access.expires_at),
            allowed_ips: access.allowed_ips,
            deeds: deeds.map(|deed| Deed { action: deed.action, last_at: time(deed.at), times: deed.times }).collect(),
        }
    }
}

/// Access review
///
/// Who may do what in the store or network, and when they last did: staff by name, then the keys of integrations.
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
    Ok(Answer::mapped(found, |found| List::whole(found.access)))
}
