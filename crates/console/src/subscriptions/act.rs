//! What staff do with a subscription from its page (OR-7).
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::ids::SubscriptionId;
use proto::orders::v1::{
    CancelSubscriptionRequest, ChangePlanRequest, PauseSubscriptionRequest, ResumeSubscriptionRequest,
    RetrySubscriptionRequest, SetPaymentMethodRequest, SetRenewalTargetRequest,
};

use super::detail::page;
use crate::{
    console::Console,
    problem::Problem,
    team::{Fields, complaint},
    visit::SignedIn,
};

/// `POST /console/subscriptions/{id}/{act}`.
pub async fn act(
    State(console): State<Console>,
    desk: SignedIn,
    Path((id, act)): Path<(String, String)>,
    body: String,
) -> Result<Response, Problem> {
    let known: SubscriptionId = id.parse().map_err(|_| Problem::not_found())?;
    let fields = Fields::read(&body);
    let (mut to, version) = (console.subscriptions.clone(), fields.text("version"));
    let text = |name: &str| fields.text(name);
    let id = known.to_string();
    let done = match act.as_str() {
        "cancel" => {
            let request = CancelSubscriptionRequest { id, when: text("when"), reason: text("reason") };
            to.cancel_subscription(desk.ask_at(&version, request)).await
        }
        "pause" => {
            let request = PauseSubscriptionRequest { id, reason: text("reason") };
            to.pause_subscription(desk.ask_at(&version, request)).await
        }
        "resume" => to.resume_subscription(desk.ask_at(&version, ResumeSubscriptionRequest { id })).await,
        "retry" => to.retry_subscription(desk.ask_at(&version, RetrySubscriptionRequest { id })).await,
        "target" => {
            let request = SetRenewalTargetRequest { id, target: text("target") };
            to.set_renewal_target(desk.ask_at(&version, request)).await
        }
        "plan" => to.change_plan(desk.ask_at(&version, ChangePlanRequest { id, plan: text("plan") })).await,
        "method" => {
            let request = SetPaymentMethodRequest { id, payment_method: text("method") };
            to.set_payment_method(desk.ask_at(&version, request)).await
        }
        _ => return Err(Problem::not_found()),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/console/subscriptions/{known}")).into_response()),
        Err(status) => Ok(page(&console, &desk, &known.to_string(), complaint(status)?).await?.into_response()),
    }
}
