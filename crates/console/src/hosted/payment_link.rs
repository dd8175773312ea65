//! The page behind a payment link (OR-2): what was bought, what is due, and the ways to pay it, of which a gateway's own
//! page is one. Looking at it takes nothing.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    http::{StatusCode, header::REFRESH},
    response::{IntoResponse, Redirect, Response},
};
use kit::failure::{Code, Told};
use proto::orders::v1::{Bill, OpenGateway, OpenPaymentLinkRequest, PayByLinkRequest};
use serde::Deserialize;

use super::shop::{Shop, refusal};
use crate::{console::Console, frame::Frame, problem::Problem, show::price, visit::Visit};

/// How long orders may take, which waits eight seconds for a gateway.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(9);

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "hosted/payment_link.html")]
struct Page {
    frame: Frame,
    secret: String,
    shop: Shop,
    number: String,
    /// Name, how many, and what they cost together.
    lines: Vec<(String, u32, String)>,
    /// Discount, shipping, tax: only what there is.
    sums: Vec<(&'static str, String)>,
    total: String,
    due: String,
    status: String,
    /// Where the shopper goes on at a gateway's; may be empty.
    away: String,
    failure: String,
    ways: Vec<(&'static str, &'static str)>,
}

/// On the way to a gateway's page. Forms of ours lead to no other site, so that this one does.
#[derive(Template, WebTemplate)]
#[template(path = "hosted/leave.html")]
struct Leave {
    frame: Frame,
    url: String,
}

/// How the shopper wants to pay.
#[derive(Deserialize)]
pub struct Wish {
    #[serde(default)]
    way: String,
}

/// A way to pay by a gateway: its name in the form, its gateway and method, and what it is called.
const WAYS: [(&str, &str, &str, &str); 3] = [
    ("stripe", "stripe", "hosted", "By card, on a page of Stripe"),
    ("card", "test", "pm_test_ok", "Test card: no money moves"),
    ("bank", "test", "pm_test_redirect", "On the page of a test bank"),
];

fn ways(gateways: &[OpenGateway]) -> Vec<(&'static str, &'static str)> {
    let is_open = |gateway: &str| gateways.iter().any(|open| open.gateway == gateway);
    WAYS.into_iter().filter(|(_, gateway, ..)| is_open(gateway)).map(|(way, _, _, name)| (way, name)).collect()
}

/// `GET /pay/link/{secret}`.
pub async fn show_bill(
    State(console): State<Console>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    Ok(page(&console, &visit, &secret, String::new()).await?.into_response())
}

async fn page(console: &Console, visit: &Visit, secret: &str, failure: String) -> Result<Page, Problem> {
    let call = visit.call(OpenPaymentLinkRequest { secret: secret.to_owned() });
    let bill = console.payment_links.clone().open_payment_link(call).await.map_err(refusal)?.into_inner();
    let order = bill.order.clone().unwrap_or_default();
    let shop = Shop::find(console, &order.store).await;
    let sums = [("Discount", order.discount), ("Shipping", order.shipping), ("Tax", order.tax)];
    let sums = sums.into_iter().filter(|(_, sum)| sum.as_ref().is_some_and(|money| money.amount != 0));
    let lines = order.lines.into_iter().map(|line| (line.name, line.quantity, price(line.subtotal.as_ref())));
    Ok(Page {
        frame: Frame::of(visit),
        secret: secret.to_owned(),
        shop,
        number: order.number,
        lines: lines.collect(),
        sums: sums.map(|(name, sum)| (name, price(sum.as_ref()))).collect(),
        total: price(order.total.as_ref()),
        due: price(bill.due.as_ref()),
        ways: ways(&bill.gateways),
        away: bill.redirect_url,
        failure: if failure.is_empty() { bill.message } else { failure },
        status: bill.status,
    })
}

/// `POST /pay/link/{secret}`: pays, or leads to where it is paid.
pub async fn pay_bill(
    State(console): State<Console>,
    visit: Visit,
    Path(secret): Path<String>,
    Form(wish): Form<Wish>,
) -> Result<Response, Problem> {
    let here = format!("/pay/link/{secret}");
    let Some((_, gateway, method, _)) = WAYS.into_iter().find(|(way, ..)| *way == wish.way) else {
        return Ok(refused(page(&console, &visit, &secret, "Choose how to pay.".to_owned()).await?));
    };
    let mut call = visit.call(PayByLinkRequest {
        secret: secret.clone(),
        gateway: gateway.to_owned(),
        payment_method: method.to_owned(),
        return_url: format!("{}{here}", console.public),
    });
    call.set_timeout(PATIENCE);
    match console.payment_links.clone().pay_by_link(call).await {
        Ok(bill) => Ok(lead(&visit, &bill.into_inner()).unwrap_or_else(|| Redirect::to(&here).into_response())),
        Err(status) => match Told::read(&status).code {
            Code::Invalid | Code::Refused | Code::Conflict => {
                Ok(refused(page(&console, &visit, &secret, status.message().to_owned()).await?))
            }
            _ => Err(refusal(status)),
        },
    }
}

fn refused(page: Page) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The way to a gateway's page, when it is paid there.
fn lead(visit: &Visit, bill: &Bill) -> Option<Response> {
    let url = &bill.redirect_url;
    (bill.status == "redirect" && !url.is_empty()).then(|| leave(visit, url))
}

/// On the way to `url`, at once where the browser does that.
pub fn leave(visit: &Visit, url: &str) -> Response {
    ([(REFRESH, format!("0; url={url}"))], Leave { frame: Frame::of(visit), url: url.to_owned() }).into_response()
}
