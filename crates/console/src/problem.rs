//! What a page says when it cannot do what was asked: in words, in the same frame as every page.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use kit::failure::{Code, Told};
use tonic::Status;

use crate::{
    cookies,
    frame::Frame,
    show::url,
    visit::{Visit, Who},
};

/// Why a page is not there. A handler returns it; [`Problem::page`] draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable slug of the service that refused, such as `pii_required`; empty when no service did.
    pub reason: String,
    /// A few words.
    pub title: &'static str,
    /// A sentence or two.
    pub detail: String,
    /// Seconds after which it is worth trying again.
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem in words of the console's own.
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, reason: String::new(), title, detail: detail.into(), retry_after: None }
    }

    /// No such page or record.
    pub fn not_found() -> Self {
        let detail = "There is nothing at this address, or it belongs to another store.";
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    /// No such page for a shopper.
    pub fn no_page() -> Self {
        let detail = "There is nothing at this address. Go back to the shop and try again from there.";
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    /// Nobody is signed in.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Signed out", "Sign in to see this page.")
    }

    /// A post that did not come from one of our pages.
    pub fn foreign() -> Self {
        let detail = "This was sent from another site, or by a browser that does not say from where. Nothing was done.";
        Self::new(StatusCode::FORBIDDEN, "Not accepted", detail)
    }

    /// Others hand in files just now, and there is no room for more.
    pub fn crowded() -> Self {
        let detail = "Many files are being handed in just now. Please try again in a moment.";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Not just now", detail);
        Self { retry_after: Some(5), ..problem }
    }

    /// What a bare HTTP status from a router or an extractor means.
    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(status, "Not possible", "This address does not take that."),
            _ if status.is_client_error() => Self::new(status, "Not understood", "The request could not be read."),
            _ => Self::new(status, "Something went wrong", "A defect on our side. It has been recorded."),
        }
    }

    /// Whether it is to be proved first who the reader is.
    pub fn is_step_up(&self) -> bool {
        self.reason == "step_up_required"
    }

    /// Whether a browser should be sent to the sign-in page.
    pub fn is_signed_out(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// Draws what `answer` carries: a problem as a page or, for htmx, as a notice; everything else stays as it is.
    pub fn page(visit: &Visit, answer: Response) -> Response {
        let problem = answer.extensions().get::<Self>().cloned();
        let html =
            answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let failed = answer.status().is_client_error() || answer.status().is_server_error();
        match problem {
            Some(problem) if problem.is_step_up() => confirm(visit),
            Some(problem) if problem.is_signed_out() && !matches!(visit.who, Who::Shopper) => sign_in(visit),
            Some(problem) => problem.draw(visit),
            None if failed && !html => Self::of(answer.status()).draw(visit),
            None => answer,
        }
    }

    fn draw(self, visit: &Visit) -> Response {
        let (status, retry_after) = (self.status, self.retry_after);
        let retry = visit.path.clone();
        let id = visit.request_id.clone();
        let mut answer = if visit.partial {
            Notice { problem: self }.into_response()
        } else {
            Page { frame: Frame::of(visit), problem: self, retry, id }.into_response()
        };
        *answer.status_mut() = status;
        if let Some(seconds) = retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// To the page where one proves who one is, and from there back to where the form stood, to send it again.
fn confirm(visit: &Visit) -> Response {
    let next = if visit.safe { visit.path.as_str() } else { visit.from.as_str() };
    Redirect::to(&url("/console/account/confirm", &[("next", next)])).into_response()
}

/// To the sign-in page, and from there back to where the visit was going. A session that has ended is forgotten.
fn sign_in(visit: &Visit) -> Response {
    let next = if visit.safe { visit.path.as_str() } else { "" };
    let target = url("/console/sign-in", &[("next", next)]);
    let mut answer = if visit.partial {
        let mut answer = StatusCode::OK.into_response();
        if let Ok(target) = HeaderValue::try_from(target) {
            answer.headers_mut().insert("hx-redirect", target);
        }
        answer
    } else {
        Redirect::to(&target).into_response()
    };
    if matches!(visit.who, Who::Nobody) {
        let (name, value) = cookies::remove(cookies::SESSION);
        answer.headers_mut().append(name, value);
    }
    answer
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = self.status.into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let told = Told::read(&status);
        if matches!(told.code, Code::Internal | Code::Unavailable) {
            tracing::warn!(rpc.code = ?status.code(), error.reason = told.reason, "a service did not answer a page");
        }
        Self::from(told)
    }
}

impl From<Told> for Problem {
    fn from(told: Told) -> Self {
        let status = StatusCode::from_u16(told.code.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = told.retry_after.map(|wait| wait.as_secs().max(1));
        let (title, detail) = match told.code {
            Code::NotFound => return Self { reason: told.reason, ..Self::not_found() },
            Code::Unauthenticated => return Self { reason: told.reason, ..Self::signed_out() },
            Code::Forbidden => ("Not allowed", forbidden(&told)),
            Code::Unavailable => (
                "Not available just now",
                "A part of Patron does not answer. This is usually over in a moment; nothing is lost.".to_owned(),
            ),
            Code::Limited => ("Too many attempts", told.detail),
            Code::Internal => ("Something went wrong", "A defect on our side. It has been recorded.".to_owned()),
            _ if told.reason == "store_required" => {
                ("Choose a store", "This page shows one store at a time. Choose one at the top of the page.".to_owned())
            }
            _ => ("Not possible", told.detail),
        };
        Self { status, reason: told.reason, title, detail, retry_after }
    }
}

fn forbidden(told: &Told) -> String {
    match told.facts.get("required_permission") {
        Some(permission) => format!(
            "Your role does not include the permission “{permission}”. An owner or administrator of the store can change that."
        ),
        None if told.reason == "pii_required" => {
            "Your role does not show personal data, so lists cannot be filtered or sorted by it.".to_owned()
        }
        None if told.reason == "owners_only" => "Only an owner can do this.".to_owned(),
        None => "Your role does not allow this.".to_owned(),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "problem.html")]
struct Page {
    frame: Frame,
    problem: Problem,
    retry: String,
    id: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "notice.html")]
struct Notice {
    problem: Problem,
}

#[cfg(test)]
mod tests {
    use kit::denied::Denied;

    use super::*;

    /// ID-22: a page says which permission is missing.
    #[test]
    fn a_missing_permission_is_named() {
        let problem = Problem::from(Status::from(kit::Error::from(Denied::Forbidden("messages.read"))));
        assert_eq!(problem.status, StatusCode::FORBIDDEN);
        assert!(problem.detail.contains("messages.read"), "{}", problem.detail);
    }

    #[test]
    fn a_service_that_is_away_is_worth_another_try() {
        let problem = Problem::from(Status::unavailable("connection refused to 10.0.0.3"));
        assert_eq!((problem.status, problem.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(1)));
        assert!(!problem.detail.contains("10.0.0.3"));
    }
}
