//! What can go wrong in the catalog.
use kit::failure::{Code, Failure};

/// What can go wrong in the catalog.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or of another store.
    #[error("there is no such product")]
    ProductNotFound,
    /// Another product of the store has this SKU.
    #[error("another product has this SKU")]
    SkuTaken,
    /// A store sells in its own currency only.
    #[error("this store sells in {0}")]
    WrongCurrency(String),
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::ProductNotFound => Code::NotFound,
            Self::SkuTaken => Code::Conflict,
            Self::WrongCurrency(_) => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ProductNotFound => "product_not_found",
            Self::SkuTaken => "sku_taken",
            Self::WrongCurrency(_) => "wrong_currency",
            Self::Kit(error) => error.reason(),
        }
    }
}
