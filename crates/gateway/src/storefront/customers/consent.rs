//! What a customer agrees to (CU-16), and the member directory (CU-12).
use std::sync::Arc;

use axum::extract::State;
use proto::customers::v1::{self as pb, BrowseMembersRequest, GetConsentsRequest, SetConsentsRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::profile::own;
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        params::{NoParams, Params},
    },
    shape::{Agreement, Consents},
};

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DirectoryMember, example = json!({"name": "Jane Doe"}))]
pub struct Member {
    /// What they are called.
    pub name: String,
}

impl From<pb::Member> for Member {
    fn from(member: pb::Member) -> Self {
        Self { name: member.name }
    }
}

/// What one agreed to
///
/// For each channel of marketing, with the history.
#[utoipa::path(
    get, path = "/storefront/v1/customers/consents", tag = "Customers", operation_id = "get_own_consents",
    responses((status = 200, body = Consents)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn get(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Consents>, Problem> {
    let wanted = GetConsentsRequest { customer: own(&caller, "me")? };
    Ok(Answer::<Consents>::of(peers.consents().get_consents(caller.ask(wanted)).await?).tagged())
}

/// Agree to marketing, or withdraw that
///
/// Channels that are left out stay as they are.
#[utoipa::path(
    put, path = "/storefront/v1/customers/consents", tag = "Customers", operation_id = "set_own_consents",
    request_body = Agreement,
    responses(
        (status = 200, body = Consents),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn set(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(agreement): Body<Agreement>,
) -> Result<Answer<Consents>, Problem> {
    let customer = own(&caller, "me")?;
    let wanted = SetConsentsRequest { customer, consents: agreement.decisions(), source: String::new() };
    Ok(Answer::<Consents>::of(peers.consents().set_consents(caller.ask(wanted)).await?).tagged())
}

/// The member directory
///
/// Names of members in alphabetical order, for members.
#[utoipa::path(
    get, path = "/storefront/v1/customers/directory", tag = "Customers", operation_id = "browse_members",
    params(
        ("limit" = Option<u32>, Query, description = "rows wanted, 1 to 100", minimum = 1, maximum = 100, example = 25),
        ("offset" = Option<u32>, Query, description = "rows to skip, at most 10 000", maximum = 10_000, example = 0)
    ),
    responses((status = 200, body = Vec<Member>), (status = 403, description = "`no_member`: the directory is for members.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn browse_members(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Vec<Member>>, Problem> {
    let wanted = BrowseMembersRequest { limit: params.limit()?, offset: params.number("offset")? };
    let found = peers.directory().browse_members(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| found.members.into_iter().map(Into::into).collect()))
}
