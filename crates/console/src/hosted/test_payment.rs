//! The page that a redirect payment of the `test` gateway sends the shopper to (OR-3): pay, or decline.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::Redirect,
};
use proto::orders::v1::{DecideTestPaymentRequest, GetTestPaymentRequest};
use serde::Deserialize;

use super::shop::{Shop, refusal};
use crate::{console::Console, frame::Frame, problem::Problem, show::price, visit::Visit};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "hosted/test_payment.html")]
pub struct Page {
    frame: Frame,
    secret: String,
    amount: String,
    /// "waiting", "succeeded" or "failed".
    status: String,
    shop: Shop,
}

/// What the shopper chose.
#[derive(Deserialize)]
pub struct Decision {
    decision: Choice,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Pay,
    Decline,
}

/// `GET /pay/test/{secret}`: what is to be paid, or how it was decided. Changes nothing.
pub async fn show(State(console): State<Console>, visit: Visit, Path(secret): Path<String>) -> Result<Page, Problem> {
    let call = visit.call(GetTestPaymentRequest { secret: secret.clone() });
    let payment = console.test_payments.clone().get_test_payment(call).await.map_err(refusal)?.into_inner();
    let shop = Shop::find(&console, &payment.store).await;
    let amount = price(payment.amount.as_ref());
    Ok(Page { frame: Frame::of(&visit), secret, amount, status: payment.status, shop })
}

/// `POST /pay/test/{secret}`: decides, then shows what stands, which is the first decision.
pub async fn decide(
    State(console): State<Console>,
    visit: Visit,
    Path(secret): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Redirect, Problem> {
    let approved = form.decision == Choice::Pay;
    let call = visit.call(DecideTestPaymentRequest { secret: secret.clone(), approved });
    console.test_payments.clone().decide_test_payment(call).await.map_err(refusal)?;
    Ok(Redirect::to(&format!("/pay/test/{secret}")))
}
