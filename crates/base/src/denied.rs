//! Why a caller is turned away.
use tonic::Status;

use crate::failure::{self, Code, Failure};

/// Why a caller is turned away.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is signed in, or the credentials are not valid.
    #[error("sign in first: the credentials are missing, expired or not valid")]
    Unauthenticated,
    /// The permission is missing (ID-22).
    #[error("this needs the permission {0}")]
    Forbidden(&'static str),
    /// Only another kind of caller may do this.
    #[error("this kind of caller may not do this")]
    WrongCaller,
    /// The action is dangerous, and it is too long ago that the caller proved who they are (ID-20).
    #[error("confirm first that it is you, with a code of your second factor")]
    StepUpRequired,
    /// Only the customer in person may do this, not whoever is logged in for them (ID-25).
    #[error("this is for the customer alone, not for whoever is logged in as them")]
    Impersonated,
    /// Whoever has a check-out link may buy by it, and no more (CA-6).
    #[error("sign in first: a check-out link is not enough for this")]
    SignInRequired,
    /// An entry of the store's block list fits the caller (ID-26).
    #[error("this is not possible from here, or with this e-mail address; please ask the store")]
    Blocked,
    /// The caller has several stores and chose none.
    #[error("name the store in Patron-Store")]
    StoreRequired,
}

impl Failure for Denied {
    fn code(&self) -> Code {
        match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden(_)
            | Self::WrongCaller
            | Self::StepUpRequired
            | Self::Impersonated
            | Self::SignInRequired
            | Self::Blocked => Code::Forbidden,
            Self::StoreRequired => Code::Invalid,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden(_) => "permission_required",
            Self::WrongCaller => "wrong_caller",
            Self::StepUpRequired => "step_up_required",
            Self::Impersonated => "impersonated",
            Self::SignInRequired => "recent_sign_in_required",
            Self::Blocked => "blocked",
            Self::StoreRequired => "store_required",
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Forbidden(permission) => vec![("required_permission", (*permission).to_owned())],
            _ => Vec::new(),
        }
    }
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        failure::status(&denied)
    }
}
