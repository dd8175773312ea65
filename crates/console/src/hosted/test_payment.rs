//! The page that a redirect payment of the `test` gateway sends the shopper to (OR-3): pay, or decline.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::Redirect,
};
use kit::failure::{Code, Told};
use proto::orders::v1::{DecideTestPaymentRequest, GetTestPaymentRequest};
use serde::Deserialize;
use tonic::Status;

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

/// Who is paid, as far as it can be told just now: the page works without.
#[derive(Default)]
struct Shop {
    /// Display name; empty when unknown.
    name: String,
    /// Address of the shop front; empty when it has none.
    url: String,
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

impl Shop {
    async fn find(console: &Console, id: &str) -> Self {
        let Ok(id) = id.parse() else { return Self::default() };
        let Ok(store) = console.stores.get(id).await else { return Self::default() };
        let is_page = store.url.starts_with("https://") || store.url.starts_with("http://");
        Self { name: store.name.clone(), url: if is_page { store.url.clone() } else { String::new() } }
    }
}

/// Why there is no page. A shopper is told in a shopper's words.
fn refusal(status: Status) -> Problem {
    if Told::read(&status).code == Code::NotFound { Problem::no_page() } else { status.into() }
}
