//! The page that a marketing message is ended on (CU-16). Looking at it changes nothing, whoever looks (a mail scanner, say);
//! its button does, and so does the one click that mail programs offer (RFC 8058), which comes from nobody's page.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use proto::notifications::v1::{OptOut, OptOutOfMarketingRequest, ViewOptOutRequest};

use super::shop::{Shop, refusal};
use crate::{console::Console, frame::Frame, problem::Problem, visit::Visit};

/// Longest link.
const LONGEST: usize = 200;

#[derive(Template, WebTemplate)]
#[template(path = "hosted/opt_out.html")]
struct Page {
    frame: Frame,
    token: String,
    shop: Shop,
    mail: bool,
    granted: bool,
}

/// Links have one form; nothing else is asked about or put into a page.
fn is_token(text: &str) -> bool {
    text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

async fn page(console: &Console, visit: &Visit, (token, about): (String, OptOut)) -> Response {
    let shop = Shop::find(console, &about.store).await;
    let (mail, granted) = (about.channel == "email", about.granted);
    Page { frame: Frame::of(visit), token, shop, mail, granted }.into_response()
}

/// `GET /unsubscribe/{token}`.
pub async fn show(
    State(console): State<Console>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if !is_token(&token) {
        return Err(Problem::no_page());
    }
    let call = visit.call(ViewOptOutRequest { token: token.clone() });
    let about = console.opt_outs.clone().view_opt_out(call).await.map_err(refusal)?.into_inner();
    Ok(page(&console, &visit, (token, about)).await)
}

/// `POST /unsubscribe/{token}`: ends it. What is in the body says nothing more.
pub async fn end(State(console): State<Console>, visit: Visit, Path(token): Path<String>) -> Result<Response, Problem> {
    if !is_token(&token) {
        return Err(Problem::no_page());
    }
    let call = visit.call(OptOutOfMarketingRequest { token: token.clone() });
    let about = console.opt_outs.clone().opt_out_of_marketing(call).await.map_err(refusal)?.into_inner();
    Ok(page(&console, &visit, (token, about)).await)
}
