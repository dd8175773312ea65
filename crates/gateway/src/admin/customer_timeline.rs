//! What happened around a customer (CU-18).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::customers::v1::{self as pb, ListTimelineRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, Pages};
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
    shape::{List, Money, text, time},
};

/// The route.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_timeline))
}

const OFFER: Offer = &[Extra::Filters];

/// Somebody who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct MomentActor {
    /// `staff`, `api_key`, `customer` or `system`.
    pub kind: String,
    /// An id, or the name of a service.
    pub id: Option<String>,
}

impl From<pb::MomentActor> for MomentActor {
    fn from(actor: pb::MomentActor) -> Self {
        Self { kind: actor.kind, id: text(actor.id) }
    }
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2026-03-02T12:00:00Z", "kind": "payment.captured", "subject": "txn_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d",
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "actor": {"kind": "system", "id": null}, "impersonator": null,
    "state": null, "amount": {"amount": 1999, "currency": "EUR"},
}))]
pub struct Moment {
    /// When; of sign-ins the hour.
    pub at: Option<DateTime<Utc>>,
    /// A slug, such as `order.placed` or `customer.tagged`.
    pub kind: String,
    /// What it was done to: an id; of a sign-in how it was done, of a consent the channel.
    pub subject: Option<String>,
    /// Where.
    pub store: Option<String>,
    /// By whom: `system` when that is unknown.
    pub actor: MomentActor,
    /// Who really acted, when it was in the customer's name.
    pub impersonator: Option<MomentActor>,
    /// What came of it, such as `declined`.
    pub state: Option<String>,
    /// How much money, where it is about any.
    pub amount: Option<Money>,
}

impl From<pb::Moment> for Moment {
    fn from(moment: pb::Moment) -> Self {
        Self {
            at: time(moment.at),
            kind: moment.kind,
            subject: text(moment.subject),
            store: text(moment.store),
            actor: moment.actor.unwrap_or_default().into(),
            impersonator: moment.impersonator.map(Into::into),
            state: text(moment.state),
            amount: moment.amount.map(Into::into),
        }
    }
}

/// What happened around a customer, newest first.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Moment>>, Problem> {
    let [kind] = wanted.only(["kind"])?;
    let kinds = text(kind).into_iter().collect();
    let wanted = ListTimelineRequest { customer, kinds, page: Some(wanted.page) };
    let found = peers.timelines().list_timeline(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.moments, found.page)))
}

/// A customer's timeline
///
/// What happened, when and by whom, across the house, newest first: purchases, payments, messages, reviews, sign-ins,
/// consents, and what staff did. Nothing personal is in it. Filter: `kind`, by `eq`.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/timeline", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Filters
    ),
    responses((status = 200, body = List<Moment>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_timeline(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Moment>>, Problem> {
    list(&peers, &caller, id, Wanted::read(params, OFFER)?).await
}
