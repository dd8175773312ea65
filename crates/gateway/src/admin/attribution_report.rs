//! What orders come to, by who and what brought them about (CA-8).
use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use kit::{clock::timestamp, failure::Violation, permission::Permission};
use proto::orders::v1::{self as pb, GetAttributionReportRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::Params,
    router::Gateway,
    shape::{text, time},
};

/// The route about reports.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_attribution_report))
}

/// What orders come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "from": "2026-02-01T00:00:00Z", "to": "2026-03-01T00:00:00Z", "has_more": false,
    "data": [{
        "key": "partner-7", "name": null, "currency": "EUR", "orders": 12, "revenue": 47976, "refunded": 1999,
        "commission_base": 38640,
    }],
}))]
pub struct AttributionReport {
    /// From when on.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub to: Option<DateTime<Utc>>,
    /// One row for each key and currency, the largest revenue first; at most 500.
    pub data: Vec<AttributionRow>,
    /// Whether there are more.
    pub has_more: bool,
}

/// What the orders of one key come to, in minor units of `currency`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttributionRow {
    /// The agent, `stf_…`; or the affiliate, funnel or campaign.
    pub key: String,
    /// Name of the agent, where they work for the store still.
    pub name: Option<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// How many orders were placed; those that were called off are left out.
    pub orders: i64,
    /// What was to be paid for them.
    pub revenue: i64,
    /// What was given back.
    pub refunded: i64,
    /// What commissions are counted on: of orders that were paid, their lines after discounts, without any tax and without
    /// shipping, less the part of it that was given back.
    pub commission_base: i64,
}

impl From<pb::AttributionReport> for AttributionReport {
    fn from(report: pb::AttributionReport) -> Self {
        let row = |row: pb::AttributionRow| AttributionRow {
            key: row.key,
            name: text(row.name),
            currency: row.currency,
            orders: row.orders,
            revenue: row.revenue,
            refunded: row.refunded,
            commission_base: row.commission_base,
        };
        Self {
            from: time(report.from),
            to: time(report.to),
            data: report.rows.into_iter().map(row).collect(),
            has_more: report.more,
        }
    }
}

/// A moment among the parameters.
fn moment(params: &mut Params, name: &'static str) -> Result<Option<prost_types::Timestamp>, Violation> {
    let Some(given) = params.take(name).filter(|given| !given.is_empty()) else { return Ok(None) };
    match DateTime::parse_from_rfc3339(&given) {
        Ok(at) => Ok(Some(timestamp(at.to_utc()))),
        Err(_) => Err(Violation::new(format!("/{name}"), "malformed", "times are such as 2026-03-02T12:00:00Z")),
    }
}

/// What orders come to, by who and what brought them about
///
/// Orders that were placed in a time of at most 366 days, the last thirty if nobody says, by agent, affiliate, funnel or
/// campaign.
#[utoipa::path(
    get, path = "/admin/v1/reports/attribution", tag = "Orders",
    params(
        ("by" = String, Query, description = "`agent`, `affiliate`, `funnel` or `campaign`", pattern = "^(agent|affiliate|funnel|campaign)$", example = "affiliate"),
        ("from" = Option<DateTime<Utc>>, Query, description = "placed then or later"),
        ("to" = Option<DateTime<Utc>>, Query, description = "placed before"),
        ("currency" = Option<String>, Query, description = "ISO 4217 code; all currencies without it", pattern = "^([A-Z]{3})?$")
    ),
    responses(
        (status = 200, body = AttributionReport),
        (status = 400, description = "`invalid`: there is no such report."),
        (status = 422, description = "`period_out_of_range`: it is about more than 366 days, or ends before it begins.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn get_attribution_report(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<AttributionReport>, Problem> {
    let (by, currency) = (params.text("by"), params.text("currency"));
    let (from, to) = (moment(&mut params, "from")?, moment(&mut params, "to")?);
    params.finish()?;
    let wanted = GetAttributionReportRequest { by, from, to, currency };
    Ok(Answer::of(peers.reports().get_attribution_report(caller.ask(wanted)).await?))
}
