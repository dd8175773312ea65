//! The page that a link opens. Looking at it changes nothing, whoever looks (a mail scanner, say); its button signs in.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use kit::clock;
use proto::identity::v1::SignInWithCheckoutLinkRequest;

use super::shopper::cookie;
use crate::{console::Console, frame::Frame, portal::is_signed_out, problem::Problem, visit::Visit};

#[derive(Template, WebTemplate)]
#[template(path = "checkout/link.html")]
struct Page {
    frame: Frame,
    token: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "checkout/dead.html")]
pub struct Dead {
    frame: Frame,
}

impl Dead {
    /// What is said of a link that is wrong or over.
    pub fn page(visit: &Visit) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Self { frame: Frame::of(visit) }).into_response()
    }
}

/// Tokens have one form; nothing else is put into a page.
fn is_token(text: &str) -> bool {
    text.strip_prefix("cartlink_").is_some_and(|secret| {
        secret.len() <= 64 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

/// `GET /checkout/{token}`.
pub async fn show(visit: Visit, Path(token): Path<String>) -> Result<Response, Problem> {
    if !is_token(&token) {
        return Err(Problem::no_page());
    }
    Ok(Page { frame: Frame::of(&visit), token }.into_response())
}

/// `POST /checkout/{token}`: signs in.
pub async fn follow(
    visit: Visit,
    State(console): State<Console>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if !is_token(&token) {
        return Err(Problem::no_page());
    }
    let request = visit.call(SignInWithCheckoutLinkRequest { token });
    match console.checkout_sign_ins.clone().sign_in_with_checkout_link(request).await {
        Ok(session) => {
            let session = session.into_inner();
            let expires = session.expires_at.as_ref().and_then(clock::datetime);
            let seconds = expires.map_or(0, |at| (at - console.clock.now()).num_seconds());
            Ok((AppendHeaders([cookie(&session, seconds)]), Redirect::to("/checkout")).into_response())
        }
        Err(status) if is_signed_out(&status) => Ok(Dead::page(&visit)),
        Err(status) => Err(status.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_one_form() {
        assert!(is_token("cartlink_abc-DEF_123"));
        for other in ["", "cartlink", "link_x", "cartlink_<b>", "cartlink_a b", &format!("cartlink_{}", "a".repeat(65))]
        {
            assert!(!is_token(other), "{other}");
        }
    }
}
