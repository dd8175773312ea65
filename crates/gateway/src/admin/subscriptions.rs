//! Subscriptions in the hands of staff (OR-7).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::orders::v1::{
    CancelSubscriptionRequest, ChangePlanRequest, GetSubscriptionRequest, ListSubscriptionsRequest,
    PauseSubscriptionRequest, ResumeSubscriptionRequest, RetrySubscriptionRequest, SetPaymentMethodRequest,
    SetRenewalTargetRequest,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, Pages, Totals};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, MethodChoice, PlanChoice, Subscription, TargetChoice},
};

/// The routes about subscriptions.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_subscriptions))
        .routes(routes!(list_customer_subscriptions))
        .routes(routes!(get_subscription))
        .routes(routes!(cancel_subscription))
        .routes(routes!(pause_subscription))
        .routes(routes!(resume_subscription))
        .routes(routes!(retry_subscription))
        .routes(routes!(set_renewal_target))
        .routes(routes!(change_plan))
        .routes(routes!(set_payment_method))
}

/// What subscriptions can be asked for.
const OFFER: Offer = &[Extra::Filters, Extra::Total];

/// How a subscription is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"when": "period_end", "reason": "Asked for it on the phone."}))]
pub struct SubscriptionEnd {
    /// `period_end`, when what is paid for has run out, or `now`.
    #[serde(default)]
    #[schema(pattern = "^(period_end|now)$")]
    pub when: Option<String>,
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
}

/// Why a subscription rests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "On holiday until May."}))]
pub struct SubscriptionRest {
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
}

/// Subscriptions, of one customer when one is named.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Subscription>>, Problem> {
    let Wanted { filter, page, .. } = wanted;
    let wanted = ListSubscriptionsRequest { customer, filter, page: Some(page) };
    let found = peers.subscriptions().list_subscriptions(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.subscriptions, found.page)))
}

/// Subscriptions
///
/// Newest first. Filters: `status`, `product`, `renews_at`, `created_at`.
#[utoipa::path(
    get, path = "/admin/v1/subscriptions", tag = "Subscriptions", params(Pages, Totals, Filters),
    responses((status = 200, body = List<Subscription>)),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn list_subscriptions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Subscription>>, Problem> {
    list(&peers, &caller, String::new(), Wanted::read(params, OFFER)?).await
}

/// A customer's subscriptions
///
/// Takes the same as the list of subscriptions.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/subscriptions", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Totals, Filters
    ),
    responses((status = 200, body = List<Subscription>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::OrdersRead.slug()])))
)]
async fn list_customer_subscriptions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Subscription>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let known = super::profile::customer(&peers, &caller, id.clone());
    let (_, list) = tokio::try_join!(known, list(&peers, &caller, id, wanted))?;
    Ok(list)
}

/// A subscription
///
/// With its renewals and its history.
#[utoipa::path(
    get, path = "/admin/v1/subscriptions/{id}", tag = "Subscriptions",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses((status = 200, body = Subscription), (status = 404, description = "`subscription_not_found`: there is no such subscription.")),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn get_subscription(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    let found = peers.subscriptions().get_subscription(caller.ask(GetSubscriptionRequest { id })).await?;
    Ok(Answer::<Subscription>::of(found).tagged())
}

/// Cancel a subscription
///
/// As of the end of what is paid for, or at once; where nothing is paid for any more, at once in any case.
#[utoipa::path(
    post, path = "/admin/v1/subscriptions/{id}/cancel", tag = "Subscriptions", request_body = SubscriptionEnd,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it is cancelled, or over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn cancel_subscription(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(SubscriptionEnd { when, reason }): Body<SubscriptionEnd>,
) -> Result<Answer<Subscription>, Problem> {
    let wanted = CancelSubscriptionRequest { id, when: when.unwrap_or_default(), reason };
    let changed = peers.subscriptions().cancel_subscription(caller.ask(wanted)).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}

/// Pause a subscription
///
/// Nothing is charged until it is resumed.
#[utoipa::path(
    post, path = "/admin/v1/subscriptions/{id}/pause", tag = "Subscriptions", request_body = SubscriptionRest,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it is not active. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn pause_subscription(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(SubscriptionRest { reason }): Body<SubscriptionRest>,
) -> Result<Answer<Subscription>, Problem> {
    let wanted = PauseSubscriptionRequest { id, reason };
    let changed = peers.subscriptions().pause_subscription(caller.ask(wanted)).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}

/// Resume a subscription
///
/// After a pause, or after it was cancelled and before what is paid for has run out. When nothing is paid for any more, a new
/// period begins, and is charged at once.
#[utoipa::path(
    post, path = "/admin/v1/subscriptions/{id}/resume", tag = "Subscriptions",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it neither rests nor was cancelled, or it is over. | `cancellation_final`: its gateway cannot resume. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn resume_subscription(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    let changed = peers.subscriptions().resume_subscription(caller.ask(ResumeSubscriptionRequest { id })).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}

/// Charge a renewal that failed again
///
/// It is charged within seconds; the answer says that it is about to be.
#[utoipa::path(
    post, path = "/admin/v1/subscriptions/{id}/retry", tag = "Subscriptions",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`nothing_to_retry`: no renewal has failed.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn retry_subscription(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    let changed = peers.subscriptions().retry_subscription(caller.ask(RetrySubscriptionRequest { id })).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}

/// Change what a subscription renews
#[utoipa::path(
    put, path = "/admin/v1/subscriptions/{id}/renewal-target", tag = "Subscriptions", request_body = TargetChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`renewal_target_not_found`: the product has no such renewal target.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn set_renewal_target(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(TargetChoice { target }): Body<TargetChoice>,
) -> Result<Answer<Subscription>, Problem> {
    let wanted = SetRenewalTargetRequest { id, target };
    let changed = peers.subscriptions().set_renewal_target(caller.ask(wanted)).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}

/// Change the plan of a subscription
///
/// As of the next renewal, at the plan's price then agreed; periods are counted from there. A trial is for those who begin.
#[utoipa::path(
    put, path = "/admin/v1/subscriptions/{id}/plan", tag = "Subscriptions", request_body = PlanChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it is cancelled, or over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`plan_not_found`: the product has no such plan in that currency.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn change_plan(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(PlanChoice { plan }): Body<PlanChoice>,
) -> Result<Answer<Subscription>, Problem> {
    let changed = peers.subscriptions().change_plan(caller.ask(ChangePlanRequest { id, plan })).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}

/// Change what a subscription is paid with
///
/// A renewal that failed is charged again with it.
#[utoipa::path(
    put, path = "/admin/v1/subscriptions/{id}/payment-method", tag = "Subscriptions", request_body = MethodChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`payment_method_unknown`: its gateway has no such method.")
    ),
    extensions(("x-permission" = json!([Permission::SubscriptionsWrite.slug()])))
)]
async fn set_payment_method(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(MethodChoice { payment_method }): Body<MethodChoice>,
) -> Result<Answer<Subscription>, Problem> {
    let wanted = SetPaymentMethodRequest { id, payment_method };
    let changed = peers.subscriptions().set_payment_method(caller.ask(wanted)).await?;
    Ok(Answer::<Subscription>::of(changed).tagged())
}
