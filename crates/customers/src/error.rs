//! What can go wrong with customers.
use kit::{
    failure::{Code, Failure},
    permission::Permission,
};

/// What can go wrong with customers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, of another realm, or not the caller's to see.
    #[error("there is no such customer")]
    CustomerNotFound,
    /// Guests have no profile of their own (ID-8).
    #[error("register first to keep a profile")]
    RegistrationRequired,
    /// Another account has proven this e-mail address.
    #[error("this e-mail address belongs to another account")]
    EmailTaken,
    /// A proven phone belongs to one person (ID-2).
    #[error("this phone number belongs to another account")]
    PhoneTaken,
    /// A phone that signs somebody in changes by proving the new one only (ID-11).
    #[error("this phone number signs you in; prove the new one to change it")]
    PhoneSignsIn,
    /// Personal fields neither filter nor sort without customers.pii (ID-23).
    #[error("searching by {0} needs the permission customers.pii")]
    PiiRequired(&'static str),
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::CustomerNotFound => Code::NotFound,
            Self::RegistrationRequired | Self::PiiRequired(_) => Code::Forbidden,
            Self::EmailTaken | Self::PhoneTaken => Code::Conflict,
            Self::PhoneSignsIn => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::CustomerNotFound => "customer_not_found",
            Self::RegistrationRequired => "registration_required",
            Self::EmailTaken => "email_taken",
            Self::PhoneTaken => "phone_taken",
            Self::PhoneSignsIn => "phone_signs_in",
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
}
