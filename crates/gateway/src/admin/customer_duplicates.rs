//! Records that are likely to be of the same person (CU-14).
use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::customers::v1::{self as pb, ListDuplicatesRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{customer::Customer, list_query::Pages};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{list::Wanted, params::Params},
    router::Gateway,
    shape::{List, time},
};

/// The route.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_duplicates))
}

/// Two customers who are likely to be the same person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicate {
    /// The older record.
    pub one: Option<Customer>,
    /// The other one.
    pub other: Option<Customer>,
    /// Why: `same_phone`, `same_name_and_postcode`, `similar_email`.
    pub reasons: Vec<String>,
    /// When that was found.
    pub found_at: Option<DateTime<Utc>>,
}

impl From<pb::Duplicate> for Duplicate {
    fn from(pair: pb::Duplicate) -> Self {
        Self {
            one: pair.one.map(Into::into),
            other: pair.other.map(Into::into),
            reasons: pair.reasons,
            found_at: time(pair.found_at),
        }
    }
}

/// Customers who are likely to be the same person
///
/// Pairs with the same phone, the same name and postal code, or a similar e-mail address, those found last first. They are
/// found a few seconds after a record has changed.
#[utoipa::path(
    get, path = "/admin/v1/customers/duplicates", tag = "Customers", params(Pages),
    responses((status = 200, body = List<Duplicate>)),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::CustomersMerge.slug()])))
)]
async fn list_duplicates(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Duplicate>>, Problem> {
    let wanted = Wanted::read(params, &[])?;
    let found =
        peers.duplicates().list_duplicates(caller.ask(ListDuplicatesRequest { page: Some(wanted.page) })).await?;
    Ok(Answer::mapped(found, |found| List::new(found.duplicates, found.page)))
}
