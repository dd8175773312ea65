//! What customers do with their own subscriptions (OR-7): in a shop front, and, for the portal, in every store.
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::{
    base::v1::PageRequest,
    orders::v1::{
        self as pb, CancelSubscriptionRequest, ChangePlanRequest, GetSubscriptionRequest, ListSubscriptionsRequest,
        PauseSubscriptionRequest, ResumeSubscriptionRequest, SetPaymentMethodRequest, SetRenewalTargetRequest,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{MethodChoice, PlanChoice, Subscription, SubscriptionReason, TargetChoice},
};

/// The routes about one's own subscriptions.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_own))
        .routes(routes!(get_own))
        .routes(routes!(cancel_own))
        .routes(routes!(pause_own))
        .routes(routes!(resume_own))
        .routes(routes!(aim_own))
        .routes(routes!(change_own_plan))
        .routes(routes!(pay_own))
}

type Changed = Result<Answer<Subscription>, Problem>;

fn tagged(of: tonic::Response<pb::Subscription>) -> Answer<Subscription> {
    Answer::<Subscription>::of(of).tagged()
}

/// The subscription `id`.
pub async fn get(peers: &Peers, caller: &Caller, id: String) -> Changed {
    Ok(tagged(peers.subscriptions().get_subscription(caller.ask(GetSubscriptionRequest { id })).await?))
}

/// Cancels it as of the end of what is paid for.
pub async fn cancel(peers: &Peers, caller: &Caller, id: String, why: SubscriptionReason) -> Changed {
    let reason = why.reason.unwrap_or_default();
    let wanted = CancelSubscriptionRequest { id, when: String::new(), reason };
    Ok(tagged(peers.subscriptions().cancel_subscription(caller.ask(wanted)).await?))
}

/// Lets it rest.
pub async fn pause(peers: &Peers, caller: &Caller, id: String, why: SubscriptionReason) -> Changed {
    let wanted = PauseSubscriptionRequest { id, reason: why.reason.unwrap_or_default() };
    Ok(tagged(peers.subscriptions().pause_subscription(caller.ask(wanted)).await?))
}

/// Has it go on.
pub async fn resume(peers: &Peers, caller: &Caller, id: String) -> Changed {
    Ok(tagged(peers.subscriptions().resume_subscription(caller.ask(ResumeSubscriptionRequest { id })).await?))
}

/// Changes what it renews.
pub async fn aim(peers: &Peers, caller: &Caller, id: String, TargetChoice { target }: TargetChoice) -> Changed {
    let wanted = SetRenewalTargetRequest { id, target };
    Ok(tagged(peers.subscriptions().set_renewal_target(caller.ask(wanted)).await?))
}

/// Changes what it is paid with.
pub async fn pay_by(
    peers: &Peers,
    caller: &Caller,
    id: String,
    MethodChoice { payment_method }: MethodChoice,
) -> Changed {
    let wanted = SetPaymentMethodRequest { id, payment_method };
    Ok(tagged(peers.subscriptions().set_payment_method(caller.ask(wanted)).await?))
}

/// One's own subscriptions
///
/// The newest hundred at most, the newest first, without renewals and history.
#[utoipa::path(
    get, path = "/storefront/v1/customers/subscriptions", tag = "Subscriptions", operation_id = "list_subscriptions",
    params(("limit" = Option<u32>, Query, description = "rows wanted, 1 to 100", minimum = 1, maximum = 100, example = 25)),
    responses((status = 200, body = Vec<Subscription>)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Vec<Subscription>>, Problem> {
    let page = Some(PageRequest { limit: params.limit()?, ..PageRequest::default() });
    let wanted = ListSubscriptionsRequest { page, ..ListSubscriptionsRequest::default() };
    let found = peers.subscriptions().list_subscriptions(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| found.subscriptions.into_iter().map(Into::into).collect()))
}

/// A subscription of one's own
///
/// With its renewals and its history.
#[utoipa::path(
    get, path = "/storefront/v1/customers/subscriptions/{id}", tag = "Subscriptions",
    operation_id = "get_subscription",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn get_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    get(&peers, &caller, id).await
}

/// Cancel a subscription of one's own
///
/// As of the end of what is paid for; until then it can be resumed if `resumable` says so, otherwise this is final.
#[utoipa::path(
    post, path = "/storefront/v1/customers/subscriptions/{id}/cancel", tag = "Subscriptions",
    operation_id = "cancel_subscription", request_body = SubscriptionReason,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is cancelled, or over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn cancel_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(why): Body<SubscriptionReason>,
) -> Result<Answer<Subscription>, Problem> {
    cancel(&peers, &caller, id, why).await
}

/// Pause a subscription of one's own
///
/// Nothing is charged until it is resumed.
#[utoipa::path(
    post, path = "/storefront/v1/customers/subscriptions/{id}/pause", tag = "Subscriptions",
    operation_id = "pause_subscription", request_body = SubscriptionReason,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is not active. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn pause_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(why): Body<SubscriptionReason>,
) -> Result<Answer<Subscription>, Problem> {
    pause(&peers, &caller, id, why).await
}

/// Resume a subscription of one's own
///
/// When nothing is paid for any more, a new period begins, and is charged at once.
#[utoipa::path(
    post, path = "/storefront/v1/customers/subscriptions/{id}/resume", tag = "Subscriptions",
    operation_id = "resume_subscription",
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it neither rests nor was cancelled, or it is over. | `cancellation_final`: its gateway cannot resume. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn resume_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Subscription>, Problem> {
    resume(&peers, &caller, id).await
}

/// Change what a subscription of one's own renews
///
/// Where the product allows it.
#[utoipa::path(
    put, path = "/storefront/v1/customers/subscriptions/{id}/renewal-target", tag = "Subscriptions",
    operation_id = "set_renewal_target", request_body = TargetChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`renewal_target_fixed`: the store does not let customers change it. | `renewal_target_not_found`: the product has no such renewal target.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn aim_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(choice): Body<TargetChoice>,
) -> Result<Answer<Subscription>, Problem> {
    aim(&peers, &caller, id, choice).await
}

/// Change the plan of a subscription of one's own
///
/// As of the next renewal, at the price the plan has now.
#[utoipa::path(
    put, path = "/storefront/v1/customers/subscriptions/{id}/plan", tag = "Subscriptions",
    operation_id = "change_plan", request_body = PlanChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 409, description = "`subscription_closed`: it is cancelled, or over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`plan_not_found`: the product has no such plan in that currency.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn change_own_plan(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(PlanChoice { plan }): Body<PlanChoice>,
) -> Result<Answer<Subscription>, Problem> {
    Ok(tagged(peers.subscriptions().change_plan(caller.ask(ChangePlanRequest { id, plan })).await?))
}

/// Change what a subscription of one's own is paid with
///
/// A renewal that failed is charged again with it. For oneself only.
#[utoipa::path(
    put, path = "/storefront/v1/customers/subscriptions/{id}/payment-method", tag = "Subscriptions",
    operation_id = "set_payment_method", request_body = MethodChoice,
    params(("id" = String, Path, description = "`sub_…`", example = "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70")),
    responses(
        (status = 200, body = Subscription),
        (status = 404, description = "`subscription_not_found`: there is no such subscription of yours."),
        (status = 403, description = "`impersonated`: somebody acts in your name. | `recent_sign_in_required`: a check-out link does not do for this."),
        (status = 409, description = "`subscription_closed`: it is over. | `renewal_underway`: it is being charged right now."),
        (status = 412, description = "`stale_version`: the subscription was changed in the meantime."),
        (status = 422, description = "`payment_method_unknown`: its gateway has no such method.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn pay_own(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(choice): Body<MethodChoice>,
) -> Result<Answer<Subscription>, Problem> {
    pay_by(&peers, &caller, id, choice).await
}
