//! Who is signed in, and where they work.
use std::sync::Arc;

use axum::extract::State;
use proto::identity::v1::{self as pb, GetCurrentStaffRequest, ListStoresRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::Wanted,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, text},
};

/// The routes about the caller.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_me)).routes(routes!(list_stores))
}

/// A staff member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "name": "Olive Owner", "email": "owner@example.com",
    "memberships": [{
        "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "role": "owner", "role_name": "Owner",
        "permissions": ["customers.read", "customers.pii"],
        "stores": [{"id": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Corner Shop"}],
    }],
}))]
pub struct Staff {
    /// `stf_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// E-mail address they sign in with.
    pub email: String,
    /// What they may do, and where.
    pub memberships: Vec<Membership>,
}

/// A role in a store, or in a network and so in all its stores.
#[derive(Debug, Serialize, ToSchema)]
pub struct Membership {
    /// `sto_…` or `net_…`.
    pub place: String,
    /// `owner`, `administrator`, `customer_service`, `sales_agent`, `moderator`, or `role_…`.
    pub role: String,
    /// Display name of the role.
    pub role_name: String,
    /// Names of the permissions the role gives.
    pub permissions: Vec<String>,
    /// Stores that it opens.
    pub stores: Vec<OpenStore>,
}

/// A store that a membership opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenStore {
    /// `sto_…`.
    pub id: String,
    /// Display name.
    pub name: String,
}

impl From<pb::Staff> for Staff {
    fn from(staff: pb::Staff) -> Self {
        let memberships = staff.memberships.into_iter().map(Into::into).collect();
        Self { id: staff.id, name: staff.name, email: staff.email, memberships }
    }
}

impl From<pb::Membership> for Membership {
    fn from(membership: pb::Membership) -> Self {
        let pb::Membership { place, role, role_name, permissions, stores } = membership;
        let stores = stores.into_iter().map(|store| OpenStore { id: store.id, name: store.name }).collect();
        Self { place, role, role_name, permissions, stores }
    }
}

/// A store, as its staff see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Corner Shop",
    "realm": "rlm_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "network": null, "currency": "EUR",
    "timezone": "Europe/Berlin", "country": "DE", "key": "store_2u8mXGq0yV1sBd3nQf5hJk7l",
    "mail_from": "shop@example.com", "url": "https://shop.example.com",
}))]
pub struct Store {
    /// `sto_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Customer base it belongs to, `rlm_…`.
    pub realm: String,
    /// Network it is a member of, `net_…`.
    pub network: Option<String>,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// IANA time zone.
    pub timezone: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Publishable key.
    pub key: Option<String>,
    /// Address that its mails come from.
    pub mail_from: Option<String>,
    /// Address of its shop front.
    pub url: Option<String>,
}

impl From<pb::Store> for Store {
    fn from(store: pb::Store) -> Self {
        Self {
            id: store.id,
            name: store.name,
            realm: store.realm,
            network: text(store.network),
            currency: store.currency,
            timezone: store.timezone,
            country: store.country,
            key: text(store.key),
            mail_from: text(store.mail_from),
            url: text(store.url),
        }
    }
}

/// Who is signed in
#[utoipa::path(
    get, path = "/admin/v1/me", tag = "Sessions", responses((status = 200, body = Staff)),
    extensions(("x-permission" = json!([])))
)]
async fn get_me(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Staff>, Problem> {
    Ok(Answer::of(peers.staff().get_current_staff(caller.ask(GetCurrentStaffRequest {})).await?))
}

/// Stores
///
/// Those that the caller may work in, oldest first; name one of them in `Patron-Store`.
#[utoipa::path(
    get, path = "/admin/v1/stores", tag = "Organisation", responses((status = 200, body = List<Store>)),
    extensions(("x-permission" = json!([])))
)]
async fn list_stores(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Store>>, Problem> {
    Wanted::read(params, &[])?;
    let found = peers.stores().list_stores(caller.ask(ListStoresRequest::default())).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.stores)))
}
