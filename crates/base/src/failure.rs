//! Failures: what went wrong as one of ten codes, mapped once to gRPC and once to HTTP.
//!
//! A domain error answers [`Failure::code`] and [`Failure::reason`]; [`status`] turns it into a gRPC status with
//! `google.rpc` details, and [`Told::read`] gets the same back on the other side, for problem+json.
use std::{borrow::Cow, collections::HashMap, time::Duration};

use tonic::{Code as Grpc, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

/// The domain that reasons are unique in.
const DOMAIN: &str = "patron";

/// What kind of failure it is. A domain error uses the first ten; the last two are the house's own trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request is malformed.
    Invalid,
    /// Who asks is not known.
    Unauthenticated,
    /// Who asks may not.
    Forbidden,
    /// Unknown, or not the caller's.
    NotFound,
    /// The state of things does not allow it.
    Conflict,
    /// It was there, but its time is over.
    Expired,
    /// The caller's version is not the current one.
    Stale,
    /// The caller has to name a version.
    Required,
    /// A rule of the product says no.
    Refused,
    /// Too often.
    Limited,
    /// Not now; the same request may succeed later.
    Unavailable,
    /// A defect.
    Internal,
}

/// The one table: code, its slug, gRPC, HTTP.
const TABLE: [(Code, &str, Grpc, u16); 12] = [
    (Code::Invalid, "invalid", Grpc::InvalidArgument, 400),
    (Code::Unauthenticated, "unauthenticated", Grpc::Unauthenticated, 401),
    (Code::Forbidden, "forbidden", Grpc::PermissionDenied, 403),
    (Code::NotFound, "not_found", Grpc::NotFound, 404),
    (Code::Conflict, "conflict", Grpc::Aborted, 409),
    (Code::Expired, "expired", Grpc::OutOfRange, 410),
    (Code::Stale, "stale_version", Grpc::FailedPrecondition, 412),
    (Code::Required, "precondition_required", Grpc::FailedPrecondition, 428),
    (Code::Refused, "refused", Grpc::FailedPrecondition, 422),
    (Code::Limited, "too_many_requests", Grpc::ResourceExhausted, 429),
    (Code::Unavailable, "unavailable", Grpc::Unavailable, 503),
    (Code::Internal, "internal", Grpc::Internal, 500),
];

impl Code {
    fn row(self) -> &'static (Self, &'static str, Grpc, u16) {
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[11])
    }

    /// The slug that is the reason when nothing more precise is known.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.row().1
    }

    /// The HTTP status.
    #[must_use]
    pub fn http(self) -> u16 {
        self.row().3
    }
}

/// One fault of an input.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{detail}")]
pub struct Violation {
    /// JSON pointer to the field, such as `/lines/0/quantity`.
    pub pointer: Cow<'static, str>,
    /// Stable slug, such as `too_long`.
    pub code: Cow<'static, str>,
    /// A sentence for a person.
    pub detail: Cow<'static, str>,
}

impl Violation {
    /// A fault of the field at `pointer`.
    pub fn new(
        pointer: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

impl Failure for Violation {
    fn code(&self) -> Code {
        Code::Invalid
    }

    fn reason(&self) -> &'static str {
        Code::Invalid.slug()
    }

    fn violations(&self) -> &[Violation] {
        std::slice::from_ref(self)
    }
}

impl From<Violation> for Status {
    fn from(violation: Violation) -> Self {
        status(&violation)
    }
}

/// An error that knows how it is told to a caller. Its `Display` is a sentence a customer could read.
pub trait Failure: std::error::Error {
    /// What kind of failure it is.
    fn code(&self) -> Code;
    /// A stable slug for programs, such as `cart_closed`.
    fn reason(&self) -> &'static str;
    /// The faults of the input, for [`Code::Invalid`].
    fn violations(&self) -> &[Violation] {
        &[]
    }
    /// Facts for programs beside the reason, such as `current_version`.
    fn facts(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// When to try again, for [`Code::Limited`] and [`Code::Unavailable`].
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// The gRPC status of a failure, with `ErrorInfo`, `BadRequest` and `RetryInfo` details.
pub fn status(failure: &(impl Failure + ?Sized)) -> Status {
    let (code, slug, grpc, _) = *failure.code().row();
    let mut facts: HashMap<String, String> =
        failure.facts().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    facts.insert("code".to_owned(), slug.to_owned());
    let mut details = ErrorDetails::with_error_info(failure.reason(), DOMAIN, facts);
    let violations: Vec<_> = failure.violations().iter().map(encode).collect();
    if !violations.is_empty() {
        details.set_bad_request(violations);
    }
    if matches!(code, Code::Limited | Code::Unavailable) {
        details.set_retry_info(failure.retry_after().or(Some(Duration::from_secs(1))));
    }
    Status::with_error_details(grpc, failure.to_string(), details)
}

fn encode(violation: &Violation) -> FieldViolation {
    let mut field = FieldViolation::new(violation.pointer.clone(), violation.detail.clone());
    field.reason = violation.code.clone().into_owned();
    field
}

/// A failure as the other side of a call reads it.
#[derive(Clone, Debug)]
pub struct Told {
    /// What kind of failure it is.
    pub code: Code,
    /// Its stable slug.
    pub reason: String,
    /// Its sentence.
    pub detail: String,
    /// The faults of the input.
    pub violations: Vec<Violation>,
    /// Facts for programs, without `code`.
    pub facts: HashMap<String, String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

impl Told {
    /// Reads a status. One that no service of ours made becomes `Unavailable` or `Internal`, without its text.
    #[must_use]
    pub fn read(status: &Status) -> Self {
        let details = status.get_error_details();
        let Some(info) = details.error_info().filter(|info| info.domain == DOMAIN) else {
            return Self::foreign(status);
        };
        let mut facts = info.metadata.clone();
        let slug = facts.remove("code").unwrap_or_default();
        let code = TABLE.iter().find(|row| row.1 == slug).map_or(Code::Internal, |row| row.0);
        let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
        Self {
            code,
            reason: info.reason.clone(),
            detail: status.message().to_owned(),
            violations: violations.into_iter().map(|v| Violation::new(v.field, v.reason, v.description)).collect(),
            facts,
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }

    fn foreign(status: &Status) -> Self {
        let code = match status.code() {
            // A peer that is gone, slow or restarting; `Cancelled` is how a client-side time-out arrives.
            Grpc::Unavailable | Grpc::DeadlineExceeded | Grpc::Cancelled => Code::Unavailable,
            Grpc::OutOfRange | Grpc::InvalidArgument => Code::Invalid,
            _ => Code::Internal,
        };
        let detail = match code {
            Code::Unavailable => "A part of the service is not available just now; please try again.",
            Code::Invalid => "The request cannot be read.",
            _ => "Something went wrong on our side.",
        };
        Self {
            code,
            reason: code.slug().to_owned(),
            detail: detail.to_owned(),
            violations: Vec::new(),
            facts: HashMap::new(),
            retry_after: (code == Code::Unavailable).then_some(Duration::from_secs(1)),
        }
    }
}
