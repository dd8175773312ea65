//! A shopper's subscriptions, in every store (OR-7, PO-1).
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::orders::v1::ListSubscriptionsRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    admin::Pages,
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::Wanted,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, MethodChoice, Subscription, SubscriptionReason, TargetChoice},
    storefront::subscriptions,
};

/// The routes about a shopper's subscriptions.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(cancel))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(aim))
        .routes(routes!(pay))
}

/// One's own subscriptions
///
/// In every store, the newest first, without renewals and history.
#[utoipa::path(
    get, path = "/account/v1/subscriptions", tag = "Subscriptions", operation_id = "list_subscriptions", params(Pages),
    responses((status = 200, body = List<Subscription>))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Subscription>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let wanted = ListSubscriptionsRequest { page, ..ListSubscriptionsRequest::default() };
    let found = peers.subscriptions().list_subscriptions(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.subscriptions, found.page)))
}

/// A subscription of one's own
///
/// With its renewals and its history.
#[utoipa::path(
    get, path = "/account/v1/subscriptions/{id}", tag = "Subscriptions",
    operation_id = "get_subscription",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours.")
    )
)]
pub async fn get(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    subscriptions::get(&peers, &caller, id).await
}

/// Cancel a subscription of one's own
///
/// As of the end of what is paid for; until then it can be resumed if `resumable` says so, otherwise this is final.
#[utoipa::path(
    post, path = "/account/v1/subscriptions/{id}/cancel", tag = "Subscriptions",
    operation_id = "cancel_subscription", request_body = SubscriptionReason,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is cancelled, or over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    )
)]
pub async fn cancel(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(why): Body<SubscriptionReason>,
) -> Result<Answer<Subscription>, Problem> {
    subscriptions::cancel(&peers, &caller, id, why).await
}

/// Pause a subscription of one's own
///
/// Nothing is charged until it is resumed.
#[utoipa::path(
    post, path = "/account/v1/subscriptions/{id}/pause", tag = "Subscriptions",
    operation_id = "pause_subscription", request_body = SubscriptionReason,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is not active. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    )
)]
pub async fn pause(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(why): Body<SubscriptionReason>,
) -> Result<Answer<Subscription>, Problem> {
    subscriptions::pause(&peers, &caller, id, why).await
}

/// Resume a subscription of one's own
///
/// When nothing is paid for any more, a new period begins, and is charged at once.
#[utoipa::path(
    post, path = "/account/v1/subscriptions/{id}/resume", tag = "Subscriptions",
    operation_id = "resume_subscription",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it neither rests nor was cancelled, or it is over. | `cancellation_final`: its gateway cannot resume. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    )
)]
pub async fn resume(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    subscriptions::resume(&peers, &caller, id).await
}

/// Change what a subscription of one's own renews
///
/// Where the product allows it.
#[utoipa::path(
    put, path = "/account/v1/subscriptions/{id}/renewal-target", tag = "Subscriptions",
    operation_id = "set_renewal_target", request_body = TargetChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`renewal_target_fixed`: the store does not let customers change it. | `renewal_target_not_found`: the product has no such renewal target.")
    )
)]
pub async fn aim(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(choice): Body<TargetChoice>,
) -> Result<Answer<Subscription>, Problem> {
    subscriptions::aim(&peers, &caller, id, choice).await
}

/// Change what a subscription of one's own is paid with
///
/// A renewal that failed is charged again with it. For oneself only.
#[utoipa::path(
    put, path = "/account/v1/subscriptions/{id}/payment-method", tag = "Subscriptions",
    operation_id = "set_payment_method", request_body = MethodChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 403, description = "`impersonated`: somebody acts in your name. | `recent_sign_in_required`: a check-out link does not do for this."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`payment_method_unknown`: its gateway has no such method.")
    )
)]
pub async fn pay(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(choice): Body<MethodChoice>,
) -> Result<Answer<Subscription>, Problem> {
    subscriptions::pay_by(&peers, &caller, id, choice).await
}
