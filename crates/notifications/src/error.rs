//! What can go wrong with a message.
use kit::failure::{Code, Failure};

/// What can go wrong with a message.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or of another realm or store.
    #[error("there is no such message")]
    MessageNotFound,
    /// What any service can have.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::MessageNotFound => Code::NotFound,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::MessageNotFound => "message_not_found",
            Self::Kit(error) => error.reason(),
        }
    }
}
