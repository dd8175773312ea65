//! What can go wrong in the catalog.
use kit::failure::{Code, Failure, Violation};

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
    /// Unknown, or of another store.
    #[error("there is no such offer or voucher")]
    PromotionNotFound,
    /// Another voucher of the store has this code.
    #[error("another voucher has this code")]
    CodeTaken,
    /// An offer for a product that the store does not have.
    #[error("one of the products is not this store's")]
    UnknownProduct,
    /// Each field is right, but they do not go together, or with what there is.
    #[error("{}", told(.0))]
    Unsuited(Vec<Violation>),
    /// It is in an order.
    #[error("this product was sold: make it inactive instead")]
    ProductSold,
    /// It is inside another.
    #[error("this product is inside another one")]
    ProductContained,
    /// It would be inside itself.
    #[error("a product cannot be inside itself")]
    ContentsCircular,
    /// Too many levels.
    #[error("products can be inside one another three levels deep")]
    ContentsTooDeep,
    /// Unknown, or of another store.
    #[error("there is no such shipping method")]
    MethodNotFound,
    /// Unknown, or of another store.
    #[error("there is no such tax rate")]
    RateNotFound,
    /// Another active rate is for the same place and class.
    #[error("another active tax rate is for this country, region and class")]
    RateTaken,
    /// Unknown, of another product, or gone.
    #[error("there is no such file")]
    FileNotFound,
    /// What a browser does not show as a picture is no image.
    #[error("images are JPEG, PNG, GIF or WebP")]
    FileTypeRefused,
    /// A physical product is shipped, and a bundle is what is inside.
    #[error("only a digital product of its own has files: package file or combo")]
    FileNotAllowed,
    /// The files of a store take as much room as they may.
    #[error("the files of this store take up all the room that they have")]
    FilesFull,
    /// A table is as long as it may be.
    #[error("a store has at most {0} of these")]
    TooMany(usize),
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

/// Codes of faults that no schema can tell: a rule says no.
pub const RULES: [&str; 4] = ["needed", "not_allowed", "not_there", "repeated"];

impl Error {
    /// What is wrong with an input: malformed, or a rule says no.
    #[must_use]
    pub fn faults(faults: Vec<Violation>) -> Self {
        if faults.iter().all(|fault| RULES.contains(&&*fault.code)) {
            Self::Unsuited(faults)
        } else {
            Self::Kit(kit::Error::Invalid(faults))
        }
    }
}

fn told(faults: &[Violation]) -> String {
    faults.iter().map(|fault| &*fault.detail).collect::<Vec<_>>().join("; ")
}

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::ProductNotFound
            | Self::PromotionNotFound
            | Self::MethodNotFound
            | Self::RateNotFound
            | Self::FileNotFound => Code::NotFound,
            Self::SkuTaken | Self::CodeTaken | Self::ProductSold | Self::ProductContained | Self::RateTaken => {
                Code::Conflict
            }
            Self::WrongCurrency(_)
            | Self::UnknownProduct
            | Self::Unsuited(_)
            | Self::ContentsCircular
            | Self::ContentsTooDeep
            | Self::FileTypeRefused
            | Self::FileNotAllowed
            | Self::FilesFull
            | Self::TooMany(_) => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ProductNotFound => "product_not_found",
            Self::SkuTaken => "sku_taken",
            Self::WrongCurrency(_) => "wrong_currency",
            Self::PromotionNotFound => "promotion_not_found",
            Self::CodeTaken => "code_taken",
            Self::UnknownProduct => "unknown_product",
            Self::Unsuited(_) => "unsuited",
            Self::ProductSold => "product_sold",
            Self::ProductContained => "product_contained",
            Self::ContentsCircular => "contents_circular",
            Self::ContentsTooDeep => "contents_too_deep",
            Self::MethodNotFound => "shipping_method_not_found",
            Self::RateNotFound => "tax_rate_not_found",
            Self::RateTaken => "tax_rate_taken",
            Self::FileNotFound => "file_not_found",
            Self::FileTypeRefused => "file_type_refused",
            Self::FileNotAllowed => "file_not_allowed",
            Self::FilesFull => "files_full",
            Self::TooMany(_) => "too_many",
            Self::Kit(error) => error.reason(),
        }
    }
}
