//! What staff do with an order (OR-2).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::orders::v1::{CancelOrderRequest, EditOrderRequest, FulfilOrderRequest, MarkOrderPaidRequest, OrderTags};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customer_addresses::NewAddress,
    refunds::{GivenAmount, Units},
    tickets::tags,
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        params::NoParams,
        patch::{as_given, or_nothing},
    },
    router::Gateway,
    shape::Order,
};

/// The routes of what is done with one order.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(edit_order))
        .routes(routes!(cancel_order))
        .routes(routes!(mark_order_paid))
        .routes(routes!(fulfil_order))
}

/// Changes to an order; what is left out stays, `null` takes away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "an address is left as it is, taken away, or given")]
#[schema(as = OrderChanges, example = json!({"phone": "+49 30 901820", "note": "Ring twice.", "tags": ["gift"]}))]
pub struct Changes {
    /// Full name.
    #[serde(default, deserialize_with = "or_nothing")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// E-mail address. Whose order it is does not change by that.
    #[serde(default)]
    #[schema(format = "email", max_length = 254)]
    pub email: Option<String>,
    /// Phone.
    #[serde(default, deserialize_with = "or_nothing")]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// Where it is billed. What addresses say of homes and defaults is of no consequence here.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(value_type = Option<NewAddress>)]
    pub billing_address: Option<Option<NewAddress>>,
    /// Where it is shipped.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(value_type = Option<NewAddress>)]
    pub shipping_address: Option<Option<NewAddress>>,
    /// Staff's own words about the order, lines among them; its customer never sees them.
    #[serde(default, deserialize_with = "or_nothing")]
    #[schema(max_length = 4000, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub note: Option<String>,
    /// All tags, at most 20.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub tags: Option<Vec<String>>,
}

/// Why an order is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Asked for it on the phone.", "notify": true}))]
pub struct Cancellation {
    /// Why, for the audit and the refund.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// Whether the customer is to hear of it; true without it.
    #[serde(default)]
    pub notify: Option<bool>,
}

/// Money that came outside of any gateway.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "transfer", "reference": "2026-03-1042", "note": "Came on Monday."}))]
pub struct PaidInvoice {
    /// How much; all that is due without it.
    #[serde(default)]
    pub amount: Option<GivenAmount>,
    /// How it came.
    #[schema(pattern = "^(cash|transfer|card|cheque|other)$")]
    pub method: String,
    /// What the bank or the till calls it.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9./#_-]{0,64}$")]
    pub reference: Option<String>,
    /// A remark for staff.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub note: Option<String>,
}

/// What left the house.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "tracking": {"carrier": "DHL", "number": "00340434161094015902", "url": "https://tracking.example.com/00340434161094015902"},
}))]
pub struct Fulfilment {
    /// Of which lines how many; all that is left without it.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub lines: Vec<Units>,
    /// How to follow it.
    #[serde(default)]
    pub tracking: Option<Tracking>,
    /// Whether the customer is to hear of it; true without it.
    #[serde(default)]
    pub notify: Option<bool>,
}

/// How to follow a shipment.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tracking {
    /// Who carries it.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub carrier: Option<String>,
    /// Its number there.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub number: Option<String>,
    /// A page to follow it on.
    #[schema(max_length = 500, pattern = r#"^(https?://[A-Za-z0-9][^\x00-\x20\x7f-\xa0"<>\\]*)?$"#)]
    pub url: Option<String>,
}

/// Edit an order
///
/// What was entered, the note and the tags of an order that is not cancelled. The history keeps what was before.
#[utoipa::path(
    patch, path = "/admin/v1/orders/{id}", tag = "Orders", request_body = Changes,
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses(
        (status = 200, body = Order),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 409, description = "`order_not_open`: it is cancelled."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 428, description = "`version_required`: send the version that you saw in `If-Match`.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn edit_order(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<Changes>,
) -> Result<Answer<Order>, Problem> {
    let address = |given: Option<_>| given.map(|given: Option<_>| given.map(NewAddress::plain).unwrap_or_default());
    let wanted = EditOrderRequest {
        id,
        name: changes.name,
        email: changes.email,
        phone: changes.phone,
        billing: address(changes.billing_address),
        shipping_address: address(changes.shipping_address),
        note: changes.note,
        tags: changes.tags.map(|tags| OrderTags { tags }),
    };
    Ok(Answer::<Order>::of(peers.order_desk().edit_order(caller.ask(wanted)).await?).tagged())
}

/// Cancel an order
///
/// Only while nothing of it has left the house. What was captured goes back, through the gateway what that took and the rest
/// by other means, which needs `orders.refund`; when the gateway
/// refuses, the order is cancelled and the refund has `failed`: try again with a refund.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/cancel", tag = "Orders", request_body = Cancellation,
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses(
        (status = 200, body = Order),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 409, description = "`order_not_open`: it is cancelled, or something of it has left the house."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn cancel_order(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(Cancellation { reason, notify }): Body<Cancellation>,
) -> Result<Answer<Order>, Problem> {
    let wanted = CancelOrderRequest { id, reason, notify: notify.unwrap_or(true) };
    Ok(Answer::<Order>::of(peers.order_desk().cancel_order(caller.ask(wanted)).await?).tagged())
}

/// Mark an order as paid
///
/// For money that came by cash, transfer or other ways outside of any gateway: all that is due, or a part of it. What went
/// back in between is not due again.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/mark-paid", tag = "Orders", request_body = PaidInvoice,
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer. Nothing is done without it.", example = "7f8d0e1c-paid-1042")
    ),
    responses(
        (status = 200, body = Order),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 409, description = "`order_not_open`: it is cancelled. | `already_paid`: nothing is due."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 422, description = "`payment_too_large`: less is due. | `currency_mismatch`: the order is in another currency.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn mark_order_paid(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(paid): Body<PaidInvoice>,
) -> Result<Answer<Order>, Problem> {
    let wanted = MarkOrderPaidRequest {
        id,
        amount: paid.amount.map(Into::into),
        method: paid.method,
        reference: paid.reference.unwrap_or_default(),
        note: paid.note.unwrap_or_default(),
    };
    Ok(Answer::<Order>::of(peers.order_desk().mark_order_paid(caller.ask(wanted)).await?).tagged())
}

/// Note that something left the house
///
/// All that is left, or so many of some lines: an order may leave in several shipments. It is completed when all of it has
/// left, but for what was taken back, and all of it is paid.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/fulfil", tag = "Orders", request_body = Fulfilment,
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses(
        (status = 200, body = Order),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 409, description = "`order_not_open`: it is cancelled."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 422, description = "`nothing_to_fulfil`: all of it has left the house. | `line_not_found`: the order has no such line, or it is named twice. | `quantity_too_large`: fewer of a line are left.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn fulfil_order(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(given): Body<Fulfilment>,
) -> Result<Answer<Order>, Problem> {
    let Tracking { carrier, number, url } = given.tracking.unwrap_or_default();
    let wanted = FulfilOrderRequest {
        id,
        lines: given.lines.into_iter().map(Into::into).collect(),
        carrier: carrier.unwrap_or_default(),
        number: number.unwrap_or_default(),
        url: url.unwrap_or_default(),
        notify: given.notify.unwrap_or(true),
    };
    Ok(Answer::<Order>::of(peers.order_desk().fulfil_order(caller.ask(wanted)).await?).tagged())
}
