//! What can go wrong with a review.
use kit::failure::{Code, Failure};

/// What can go wrong with a review.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not the caller's.
    #[error("there is no such review")]
    ReviewNotFound,
    /// No such product or store here.
    #[error("there is nothing here to review under this id")]
    SubjectNotFound,
    /// One per customer and subject (RE-1).
    #[error("you have reviewed this already")]
    AlreadyReviewed,
    /// Guests do not review (ID-8).
    #[error("only registered customers can write reviews")]
    RegistrationRequired,
    /// Nobody reviews in another person's name (ID-25).
    #[error("reviews cannot be written or deleted on behalf of a customer")]
    Impersonation,
    /// The network does not have reviews across its stores (RE-7).
    #[error("this network has no reviews across its stores")]
    ReviewsDisabled,
    /// What any service can have.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::ReviewNotFound | Self::SubjectNotFound => Code::NotFound,
            Self::AlreadyReviewed => Code::Conflict,
            Self::RegistrationRequired | Self::Impersonation => Code::Forbidden,
            Self::ReviewsDisabled => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ReviewNotFound => "review_not_found",
            Self::SubjectNotFound => "subject_not_found",
            Self::AlreadyReviewed => "already_reviewed",
            Self::RegistrationRequired => "registration_required",
            Self::Impersonation => "impersonation",
            Self::ReviewsDisabled => "reviews_disabled",
            Self::Kit(error) => error.reason(),
        }
    }
}
