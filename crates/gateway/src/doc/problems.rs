//! The problems that a route can answer: those it declares, and those that any route can.
use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, example::ExampleBuilder, path::Operation},
};

use super::complete::Audience;
use crate::problem::{MEDIA_TYPE, Problem};

/// Why a request was not carried out (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemShape {
    /// A name of the kind of problem.
    r#type: String,
    /// The kind of problem in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, in a sentence for a person.
    detail: String,
    /// The kind of problem for programs; it never changes.
    code: String,
    /// Id of the request, for questions about it.
    request_id: String,
    /// What is malformed.
    violations: Option<Vec<Violation>>,
    /// Permission that is missing, with 403.
    required_permission: Option<String>,
    /// Version as it is, with 412.
    current_version: Option<i64>,
    /// The same as `detail`; on `/storefront/v1`.
    error: Option<String>,
    /// Sentences, the first the most useful; on `/storefront/v1`.
    errors: Option<Vec<String>>,
}

/// A fault of a field.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"pointer": "/email", "code": "required", "detail": "email is required"}))]
struct Violation {
    /// JSON pointer (RFC 6901) to the field.
    pointer: String,
    /// The kind of fault for programs.
    code: String,
    /// The fault in a sentence for a person.
    detail: String,
}

/// Responses that several operations have, by name.
pub type Shared = BTreeMap<String, RefOr<Response>>;

type Told = BTreeMap<u16, BTreeMap<String, String>>;

/// Replaces what `operation` declares about failures by full descriptions, and adds what goes without saying. What
/// many operations have in common is put into `shared` and referred to.
pub fn describe(operation: &mut Operation, method: &Method, audience: Audience, shared: &mut Shared) {
    let own = declared(operation);
    let mut told = own.clone();
    for (status, code, detail) in usual(operation, method, audience) {
        told.entry(status).or_default().entry(code.to_owned()).or_insert_with(|| detail.to_owned());
    }
    for (status, problems) in told {
        let response = response(status, &problems, audience);
        let response = if own.contains_key(&status) {
            RefOr::T(response)
        } else {
            let codes = problems.into_keys().collect::<Vec<_>>().join("_");
            let name = format!("{}{codes}", audience.prefix());
            let reference = Ref::from_response_name(&name);
            shared.insert(name, RefOr::T(response));
            RefOr::Ref(reference)
        };
        operation.responses.responses.insert(status.to_string(), response);
    }
}

/// What a route says itself: codes, each with a sentence, with ` | ` between.
fn declared(operation: &Operation) -> Told {
    let mut told = Told::new();
    for (status, response) in &operation.responses.responses {
        let (Ok(status @ 400..), RefOr::T(response)) = (status.parse(), response) else { continue };
        let problems =
            response.description.split(" | ").filter_map(|line| line.trim_start_matches('`').split_once("`: "));
        told.entry(status).or_default().extend(problems.map(|(code, detail)| (code.to_owned(), detail.to_owned())));
    }
    told
}

/// What every route of its kind can answer.
fn usual(
    operation: &Operation,
    method: &Method,
    audience: Audience,
) -> impl Iterator<Item = (u16, &'static str, &'static str)> {
    let mut usual = vec![
        (400, "invalid", "The request is malformed; `violations` say where."),
        (429, "too_many_requests", "That was too often; please try again in a moment."),
        (500, "internal", "Something went wrong on our side."),
        (503, "unavailable", "A part of the service is not available just now; please try again."),
    ];
    if audience != Audience::Anybody {
        usual.push((401, "unauthenticated", "The credentials are missing, expired or not valid."));
    }
    match audience {
        Audience::Staff => {
            usual.push((403, "permission_required", "This needs a permission that the caller lacks."));
            usual.push((404, "store_not_found", "`Patron-Store` names no store that the caller may work in."));
        }
        Audience::Shops | Audience::Shoppers => {
            usual.push((403, "wrong_caller", "These credentials are for another part of the API."));
        }
        Audience::SigningIn | Audience::Arriving | Audience::Anybody => {}
    }
    if operation.request_body.is_some() && audience != Audience::Anybody {
        usual.push((413, "too_large", "The body is larger than 1 MiB."));
        usual.push((415, "unsupported_media_type", "Send JSON, with Content-Type: application/json."));
    }
    if matches!(*method, Method::POST | Method::PATCH) && audience != Audience::Anybody {
        usual.push((409, "idempotency_in_flight", "The request with this idempotency key is still running."));
        usual.push((422, "idempotency_mismatch", "This idempotency key was used for another request."));
    }
    usual.into_iter()
}

fn response(status: u16, problems: &BTreeMap<String, String>, audience: Audience) -> Response {
    let lines = problems.iter().map(|(code, detail)| format!("`{code}`: {detail}"));
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    for (code, detail) in problems {
        let example = ExampleBuilder::new().value(Some(example(status, code, detail, audience))).build();
        content = content.examples_from_iter([(code.clone(), example)]);
    }
    ResponseBuilder::new()
        .description(lines.collect::<Vec<_>>().join("\n\n"))
        .content(MEDIA_TYPE, content.build())
        .build()
}

/// The problem as it is really written.
fn example(status: u16, code: &str, detail: &str, audience: Audience) -> serde_json::Value {
    let fault = |detail: &'static str| kit::failure::Violation::new("/email", "required", detail);
    let problem = if code == "invalid" {
        Problem::invalid(vec![fault("email is required")])
    } else {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        Problem::new(status, code.to_owned(), detail.to_owned())
    };
    let problem = match (status, code) {
        (403, "permission_required") => problem.fact("required_permission", "customers.read"),
        (409, "price_changed") => problem.fact("amount", "4198").fact("currency", "EUR"),
        (412, _) => problem.fact("current_version", "5"),
        _ => problem,
    };
    problem.body("req_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b", audience == Audience::Shops)
}
