//! Problems: what went wrong, as RFC 9457 wants it told.
//!
//! A handler answers a [`Problem`]; the front door writes it out, since only there the request's id and the audience
//! are known.
use std::{borrow::Cow, collections::HashMap, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use kit::failure::{Code, Told, Violation};
use serde_json::{Map, Value, json};
use tonic::Status;

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    violations: Vec<Violation>,
    facts: HashMap<String, String>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem of the gateway itself. `code` is a stable slug, `detail` a sentence for a person.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        let (violations, facts) = (Vec::new(), HashMap::new());
        let (code, detail) = (code.into(), detail.into());
        Self(Box::new(Inner { status, code, detail, violations, facts, retry_after: None }))
    }

    /// Nobody of that name is here, or the address is unknown.
    pub fn not_found(detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound.slug(), detail)
    }

    /// The credentials are missing or not valid.
    pub fn unauthenticated(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated.slug(), detail)
    }

    /// Malformed input; `violations` has at least one.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let detail = violations.first().map_or(Cow::Borrowed("The request is malformed."), |v| v.detail.clone());
        let mut problem = Self::new(StatusCode::BAD_REQUEST, Code::Invalid.slug(), detail);
        problem.0.violations = violations;
        problem
    }

    /// A defect. The words go to the log, not to the caller.
    pub fn defect(words: &str) -> Self {
        tracing::error!(error.detail = words, "a request failed by a defect");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal.slug(), "Something went wrong on our side.")
    }

    /// A status that came without an explanation, such as a rejection by the HTTP library.
    pub fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            status if status.is_server_error() => "internal",
            _ => "invalid",
        };
        Self::new(status, code, status.canonical_reason().unwrap_or("The request failed."))
    }

    /// Tells when to try again.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds a fact for programs.
    pub fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.facts.insert(name.to_owned(), value.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Its stable slug.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Whether a part of the house was down, and not the caller at fault.
    pub fn is_outage(&self) -> bool {
        self.0.status.is_server_error()
    }

    /// As the caller gets it. Existing shop clients read `error` and `errors`, so these are there for `storefront`.
    pub fn body(&self, request_id: &str, storefront: bool) -> Value {
        let mut body = Map::new();
        for (name, value) in &self.0.facts {
            body.insert(name.clone(), fact(name, value));
        }
        let violations: Vec<Value> = self.0.violations.iter().map(tell).collect();
        if storefront {
            let errors: Vec<&str> = if violations.is_empty() {
                vec![&self.0.detail]
            } else {
                self.0.violations.iter().map(|violation| &*violation.detail).collect()
            };
            body.insert("error".to_owned(), json!(self.0.detail));
            body.insert("errors".to_owned(), json!(errors));
        }
        body.insert("type".to_owned(), json!(format!("urn:patron:problem:{}", self.0.code)));
        body.insert("title".to_owned(), json!(title(&self.0.code)));
        body.insert("status".to_owned(), json!(self.0.status.as_u16()));
        body.insert("detail".to_owned(), json!(self.0.detail));
        body.insert("code".to_owned(), json!(self.0.code));
        body.insert("request_id".to_owned(), json!(request_id));
        if !violations.is_empty() {
            body.insert("violations".to_owned(), Value::Array(violations));
        }
        Value::Object(body)
    }

    /// The headers that belong to it.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let retry = self.0.retry_after.map(|wait| wait.as_secs().max(1));
        let retry = retry.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        let challenge = (self.0.status == StatusCode::UNAUTHORIZED)
            .then(|| (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"patron\"")));
        retry.into_iter().chain(challenge)
    }
}

fn tell(violation: &Violation) -> Value {
    json!({"pointer": violation.pointer, "code": violation.code, "detail": violation.detail})
}

/// Facts travel as text; amounts and versions are numbers again in JSON.
fn fact(name: &str, value: &str) -> Value {
    let number = matches!(name, "amount" | "limit") || name.ends_with("version");
    value.parse::<i64>().ok().filter(|_| number).map_or_else(|| json!(value), |number| json!(number))
}

/// `price_changed` as a person reads it: `Price changed`.
fn title(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let told = Told::read(&status);
        if told.code == Code::Internal {
            tracing::error!(error.detail = %status.message(), grpc.code = ?status.code(), "a service failed");
        }
        Self(Box::new(Inner {
            status: StatusCode::from_u16(told.code.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: told.reason.into(),
            detail: told.detail.into(),
            violations: told.violations,
            facts: told.facts,
            retry_after: told.retry_after,
        }))
    }
}

impl From<Violation> for Problem {
    fn from(violation: Violation) -> Self {
        Self::invalid(vec![violation])
    }
}

impl From<kit::Error> for Problem {
    fn from(error: kit::Error) -> Self {
        Status::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use kit::failure::{self, Failure};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the price is now 20.99 EUR")]
    struct PriceChanged;

    impl Failure for PriceChanged {
        fn code(&self) -> Code {
            Code::Conflict
        }

        fn reason(&self) -> &'static str {
            "price_changed"
        }

        fn facts(&self) -> Vec<(&'static str, String)> {
            vec![("amount", "2099".to_owned()), ("currency", "EUR".to_owned())]
        }
    }

    /// OR-1: a changed price is told with the new total.
    #[test]
    fn a_failure_of_a_service_becomes_a_problem() {
        let problem = Problem::from(failure::status(&PriceChanged));
        assert_eq!(
            problem.body("req_1", false),
            json!({
                "type": "urn:patron:problem:price_changed", "title": "Price changed", "status": 409,
                "detail": "the price is now 20.99 EUR", "code": "price_changed", "request_id": "req_1",
                "amount": 2099, "currency": "EUR",
            })
        );
    }

    #[test]
    fn shop_clients_find_their_own_fields() {
        let fault = |pointer, detail| Violation::new(pointer, "required", detail);
        let problem = Problem::invalid(vec![fault("/code", "give the code"), fault("/name", "give a name")]);
        let body = problem.body("req_1", true);
        assert_eq!(body["error"], "give the code");
        assert_eq!(body["errors"], json!(["give the code", "give a name"]));
        assert_eq!(body["violations"][1], json!({"pointer": "/name", "code": "required", "detail": "give a name"}));
    }

    #[test]
    fn a_failure_of_nobodys_making_keeps_its_text_to_itself() {
        let problem = Problem::from(Status::unknown("relation \"customers\" does not exist"));
        assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!problem.body("req_1", false).to_string().contains("relation"));
    }

    #[test]
    fn an_outage_says_when_to_try_again() {
        let problem = Problem::from(Status::unavailable("connection refused"));
        assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(problem.headers().any(|(name, value)| name == header::RETRY_AFTER && value == "1"));
    }
}
