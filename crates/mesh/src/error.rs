//! Failures that any service can have: the database, a peer, the caller's credentials, a malformed field.
use std::{borrow::Cow, fmt, time::Duration};

use base::{
    denied::Denied,
    failure::{Code, Failure, Told, Violation},
};
use tonic::Status;

/// What every service's own error wraps as its last variant. Its `Debug` form is for logs.
#[derive(thiserror::Error)]
pub enum Error {
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
    /// A peer answered with a failure of its own, which is passed on.
    #[error("{}", .0.message())]
    Call(Box<Status>),
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Fields of the request are malformed.
    #[error("{}", .0.first().map_or("the request is malformed", |v| &v.detail))]
    Invalid(Vec<Violation>),
    /// `If-Match` named an older version.
    #[error("this was changed in the meantime; its version is now {current}")]
    Stale {
        /// The version as it is.
        current: i64,
    },
    /// The idempotency key was used for another request.
    #[error("this idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The request with this idempotency key has not finished.
    #[error("the request with this idempotency key is still running")]
    IdempotencyInFlight,
    /// Too much work is waiting.
    #[error("too busy just now; please try again")]
    Busy,
    /// A defect, with words for the log.
    #[error("something went wrong on our side")]
    Internal(String),
}

impl fmt::Debug for Error {
    /// Without the rows and values that PostgreSQL quotes, which may be somebody's data (PL-5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                // Class 22 (data exceptions) quotes the value in the message itself.
                let message = if code.starts_with("22") { "a value does not fit" } else { error.message() };
                let (table, constraint) = (error.table().unwrap_or_default(), error.constraint().unwrap_or_default());
                write!(f, "database {code}: {message} (table {table}, constraint {constraint})")
            }
            Self::Internal(detail) => write!(f, "{detail}"),
            Self::Database(error) => write!(f, "database: {error}"),
            Self::Call(status) => write!(f, "a peer answered {:?}: {}", status.code(), status.message()),
            other => write!(f, "{other}"),
        }
    }
}

impl Error {
    /// One malformed field.
    pub fn invalid(pointer: &'static str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(vec![Violation::new(pointer, code, detail)])
    }

    /// Whether the same work may succeed when it is tried again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.code(), Code::Unavailable)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Call(Box::new(status))
    }
}

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::Database(error) if is_passing(error) => Code::Unavailable,
            Self::Call(status) => Told::read(status).code,
            Self::Denied(denied) => denied.code(),
            Self::Invalid(_) => Code::Invalid,
            Self::Stale { .. } => Code::Stale,
            Self::IdempotencyMismatch => Code::Refused,
            Self::IdempotencyInFlight => Code::Conflict,
            Self::Busy => Code::Unavailable,
            Self::Database(_) | Self::Internal(_) => Code::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.reason(),
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::Busy => "busy",
            _ => self.code().slug(),
        }
    }

    fn violations(&self) -> &[Violation] {
        if let Self::Invalid(violations) = self { violations } else { &[] }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Denied(denied) => denied.facts(),
            Self::Stale { current } => vec![("current_version", current.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.is_transient().then_some(Duration::from_secs(1))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            // A peer's failure keeps its reason; whatever is not a failure of ours loses its text.
            Error::Call(status) if !matches!(Told::read(&status).code, Code::Internal) => *status,
            error => {
                if error.code() == Code::Internal {
                    tracing::error!(error.detail = ?error, "a request failed by a defect");
                }
                base::failure::status(&error)
            }
        }
    }
}

/// Whether a database error passes by itself: no connection, a restart, a serialisation failure.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // connection exceptions, serialisation and deadlock, resources, operator intervention; a read-only standby,
            // a transaction that stood still for too long, one that gave up waiting for a lock
            ["08", "40", "53", "57", "58"].contains(&&code[..2]) || ["25006", "25P03", "55P03"].contains(&&*code)
        }),
        _ => false,
    }
}

/// Gives a service's error type its conversions: `kit::failure!(Error);`. The type has a variant `Kit(kit::Error)`
/// marked `#[error(transparent)]` and implements [`Failure`] with `Self::Kit(error) => error.code()` and so on.
#[macro_export]
macro_rules! failure {
    ($error:ident) => {
        impl From<$crate::Error> for $error {
            fn from(error: $crate::Error) -> Self {
                Self::Kit(error)
            }
        }

        impl From<::sqlx::Error> for $error {
            fn from(error: ::sqlx::Error) -> Self {
                Self::Kit(error.into())
            }
        }

        impl From<$crate::denied::Denied> for $error {
            fn from(denied: $crate::denied::Denied) -> Self {
                Self::Kit(denied.into())
            }
        }

        impl From<$crate::failure::Violation> for $error {
            fn from(violation: $crate::failure::Violation) -> Self {
                Self::Kit(violation.into())
            }
        }

        impl From<::tonic::Status> for $error {
            fn from(status: ::tonic::Status) -> Self {
                Self::Kit(status.into())
            }
        }

        impl From<$error> for ::tonic::Status {
            fn from(error: $error) -> Self {
                match error {
                    $error::Kit(error) => error.into(),
                    error => $crate::failure::status(&error),
                }
            }
        }

        impl From<$error> for $crate::Error {
            /// For consumers and tasks, which report to the kit.
            fn from(error: $error) -> Self {
                match error {
                    $error::Kit(error) => error,
                    error => ::tonic::Status::from(error).into(),
                }
            }
        }
    };
}
