//! The page that a link opens. Looking at it changes nothing, whoever looks (a mail scanner, say); its button signs in.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use kit::clock;
use proto::identity::v1::CreatePortalSessionRequest;

use super::guest::is_signed_out;
use crate::{console::Console, cookies, frame::Frame, problem::Problem, visit::Visit};

#[derive(Template, WebTemplate)]
#[template(path = "portal/link.html")]
struct Page {
    frame: Frame,
    token: String,
    /// Whether the link turned out to be wrong or over.
    dead: bool,
}

/// Tokens have one form; nothing else is put into a page.
fn is_token(text: &str) -> bool {
    let secret = text.strip_prefix("link_");
    secret.is_some_and(|secret| {
        secret.len() <= 64 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

/// `GET /account/link/{token}`.
pub async fn show(visit: Visit, Path(token): Path<String>) -> Result<Response, Problem> {
    if !is_token(&token) {
        return Err(Problem::no_page());
    }
    Ok(Page { frame: Frame::of(&visit), token, dead: false }.into_response())
}

/// `POST /account/link/{token}`: signs in.
pub async fn follow(
    visit: Visit,
    State(console): State<Console>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if !is_token(&token) {
        return Err(Problem::no_page());
    }
    let request = visit.call(CreatePortalSessionRequest { token });
    match console.portal.shoppers.clone().create_portal_session(request).await {
        Ok(session) => {
            let session = session.into_inner();
            let expires = session.expires_at.as_ref().and_then(clock::datetime);
            let seconds = expires.map_or(0, |at| (at - console.clock.now()).num_seconds());
            let cookie = cookies::set(cookies::PORTAL, &session.token, seconds);
            Ok((AppendHeaders([cookie]), Redirect::to("/account")).into_response())
        }
        Err(status) if is_signed_out(&status) => {
            let page = Page { frame: Frame::of(&visit), token: String::new(), dead: true };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(status) => Err(status.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_one_form() {
        assert!(is_token("link_abc-DEF_123"));
        for other in ["", "link", "portal_x", "link_<b>", "link_a b", &format!("link_{}", "a".repeat(65))] {
            assert!(!is_token(other), "{other}");
        }
    }
}
