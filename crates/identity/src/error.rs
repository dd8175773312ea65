//! What can go wrong in identity.
use std::time::Duration;

use kit::{
    failure::{Code, Failure},
    permission::Permission,
};

/// What can go wrong in identity.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not one the caller may see.
    #[error("there is no such store")]
    StoreNotFound,
    /// Unknown, or not one the caller may see.
    #[error("there is no such network")]
    NetworkNotFound,
    /// A store is in one network at most.
    #[error("a store is already in a network")]
    StoreInNetwork,
    /// A store joins a network only while it has no customers.
    #[error("a store already has customers")]
    StoreHasCustomers,
    /// Another staff member signs in with this e-mail.
    #[error("another staff member has this e-mail address")]
    StaffEmailTaken,
    /// Whatever was wrong with the credentials, or with the account behind them (ID-7).
    #[error("these credentials are not right")]
    BadCredentials,
    /// A code that is wrong, used, expired, tried too often or for something else (ID-6).
    #[error("this code is not right or no longer valid; please ask for a new one")]
    BadCode,
    /// A second factor's code that is wrong or was used (ID-20).
    #[error("this code is not right or was already used")]
    BadFactor,
    /// A challenge that is unknown, answered, expired or tried too often.
    #[error("this sign-in is no longer valid; please start again")]
    BadChallenge,
    /// Too many tries failed; how long the next one waits (ID-27).
    #[error("too many attempts; please try again later")]
    TooManyTries(Duration),
    /// The person behind this proven identity has an account.
    #[error("there is already an account; please sign in")]
    AlreadyRegistered,
    /// Personal fields do not filter without customers.pii (ID-23).
    #[error("searching by {0} needs the permission customers.pii")]
    PiiRequired(&'static str),
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Error {
    /// Whether a part of the house was away, and nothing is known of what was asked.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Kit(error) if error.is_transient())
    }
}

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::StoreNotFound | Self::NetworkNotFound => Code::NotFound,
            Self::StoreInNetwork | Self::StoreHasCustomers | Self::BadCode => Code::Refused,
            Self::StaffEmailTaken | Self::AlreadyRegistered => Code::Conflict,
            Self::BadCredentials | Self::BadFactor | Self::BadChallenge => Code::Unauthenticated,
            Self::TooManyTries(_) => Code::Limited,
            Self::PiiRequired(_) => Code::Forbidden,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::StoreNotFound => "store_not_found",
            Self::NetworkNotFound => "network_not_found",
            Self::StoreInNetwork => "store_in_network",
            Self::StoreHasCustomers => "store_has_customers",
            Self::StaffEmailTaken => "email_taken",
            Self::BadCredentials => "bad_credentials",
            Self::BadCode | Self::BadFactor => "bad_code",
            Self::BadChallenge => "bad_challenge",
            Self::AlreadyRegistered => "already_registered",
            Self::TooManyTries(_) => "too_many_attempts",
            Self::PiiRequired(_) => "pii_required",
            Self::Kit(error) => error.reason(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PiiRequired(_) => vec![("required_permission", Permission::CustomersPii.slug().to_owned())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyTries(wait) => Some(*wait),
            Self::Kit(error) => error.retry_after(),
            _ => None,
        }
    }
}
