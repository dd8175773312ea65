//! The entries of the audit.
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::identity::v1::ListEntriesRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::list_query::{Filters, Pages, Totals},
    entry::Entry,
    filters::filter,
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Offer, Wanted},
        params::Params,
    },
    router::Gateway,
    shape::List,
};

/// The routes about entries.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

const OFFER: Offer = &[Extra::Filters, Extra::Total];

/// The audit
///
/// What was done, newest first. Filters: `actor`, `impersonator`, `action`, `target` (a customer is found in every entry
/// that concerns them), `ip` and `request_id` by `eq`; `at` by `gt`, `gte`, `lt`, `lte` and `between`. Without
/// customers.pii, addresses are masked and neither they nor personal values can be searched by.
#[utoipa::path(
    get, path = "/admin/v1/audit", tag = "Audit", params(Pages, Totals, Filters),
    responses(
        (status = 200, body = List<Entry>),
        (status = 403, description = "`pii_required`: searching by ip needs the permission customers.pii.")
    ),
    extensions(("x-permission" = json!([Permission::AuditRead.slug()])))
)]
async fn list_audit(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Entry>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let request = ListEntriesRequest { filter: Some(filter(&wanted)?), page: Some(wanted.page) };
    let found = peers.audit().list_entries(caller.ask(request)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.entries, found.page)))
}
