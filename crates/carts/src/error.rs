//! What can go wrong with a cart.
use kit::failure::{Code, Failure};

/// What can go wrong with a cart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or of another store.
    #[error("there is no such cart")]
    CartNotFound,
    /// The cart has no such line.
    #[error("the cart has no such line")]
    LineNotFound,
    /// Unknown, not sold any more, or of another store.
    #[error("there is no such product")]
    ProductNotFound,
    /// The product has no such plan, or it cannot be subscribed to any more (CA-4).
    #[error("this product has no such plan")]
    PlanNotFound,
    /// It is not sold once (CA-4).
    #[error("this product is sold by plan only: choose one")]
    PlanNeeded,
    /// Only digital products are given to somebody else (OR-1).
    #[error("only a digital product can be given to somebody else")]
    GiftNotDigital,
    /// A gift is bought once (OR-1).
    #[error("a subscription cannot be given to somebody else")]
    GiftRenews,
    /// A library holds a product once, however many there are (OR-1).
    #[error("one piece is given to each person: name the others")]
    GiftSingle,
    /// The store has no such voucher (CA-5).
    #[error("there is no voucher with this code")]
    CodeUnknown,
    /// The voucher is over (CA-5).
    #[error("this voucher has expired")]
    CodeExpired,
    /// A cart has as many as it can have.
    #[error("a cart takes at most 5 codes")]
    TooManyCodes,
    /// Unknown, or not offered any more (CA-11).
    #[error("there is no such way to ship")]
    ShippingMethodNotFound,
    /// It does not go where the cart goes (CA-11).
    #[error("this way to ship does not go to that country")]
    ShippingMethodElsewhere,
    /// It became an order (CA-2).
    #[error("this cart is closed: it became an order")]
    CartClosed,
    /// Nobody touched it for too long (CA-2).
    #[error("this cart has expired")]
    CartExpired,
    /// A signed-in customer's cart, which nobody else takes over.
    #[error("this cart belongs to another customer")]
    OtherCustomer,
    /// Nothing to check out.
    #[error("this cart is empty")]
    CartEmpty,
    /// A check-out link signs somebody in (CA-6).
    #[error("say first whose cart this is")]
    CustomerNeeded,
    /// Every door is closed to them (ID-9).
    #[error("this customer is inactive")]
    CustomerInactive,
    /// Unknown, or of another store.
    #[error("there is no such customer")]
    CustomerNotFound,
    /// There is nowhere to send a link to.
    #[error("this customer has nothing to be reached at by {0}")]
    Unreachable(&'static str),
    /// Unknown, of another cart, or it leads nowhere any longer (CA-6).
    #[error("there is no such link")]
    LinkNotFound,
    /// Not on one's list (CA-10).
    #[error("this is not on the wish list")]
    WishNotFound,
    /// A list has an end (CA-10).
    #[error("a wish list holds at most 200 products")]
    WishlistFull,
    /// A store sells in its own currency.
    #[error("this store does not sell in that currency")]
    OtherCurrency,
    /// A cart buys from one store.
    #[error("this cart buys from another store")]
    OtherStore,
    /// An open cart has this client key.
    #[error("another open cart has this key")]
    ClientKeyTaken,
    /// More than [`crate::cart::MOST_LINES`].
    #[error("a cart holds at most 100 different products")]
    TooManyLines,
    /// More than [`crate::quantity::Quantity::MOST`] of one product.
    #[error("at most 9 999 of one product can be bought at once")]
    TooMany,
    /// Beyond what money can count.
    #[error("the total of this cart is too large")]
    TotalTooLarge,
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::CartNotFound
            | Self::LineNotFound
            | Self::ProductNotFound
            | Self::PlanNotFound
            | Self::CustomerNotFound
            | Self::LinkNotFound
            | Self::ShippingMethodNotFound
            | Self::WishNotFound => Code::NotFound,
            Self::OtherCustomer => Code::Forbidden,
            Self::CartClosed | Self::CartExpired | Self::OtherStore | Self::ClientKeyTaken => Code::Conflict,
            Self::TooManyLines
            | Self::TooMany
            | Self::TotalTooLarge
            | Self::CartEmpty
            | Self::PlanNeeded
            | Self::GiftNotDigital
            | Self::GiftRenews
            | Self::GiftSingle
            | Self::CodeUnknown
            | Self::CodeExpired
            | Self::TooManyCodes
            | Self::CustomerNeeded
            | Self::CustomerInactive
            | Self::Unreachable(_)
            | Self::WishlistFull
            | Self::ShippingMethodElsewhere
            | Self::OtherCurrency => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::CartNotFound => "cart_not_found",
            Self::LineNotFound => "line_not_found",
            Self::ProductNotFound => "product_not_found",
            Self::PlanNotFound => "plan_not_found",
            Self::PlanNeeded => "plan_needed",
            Self::GiftNotDigital => "gift_not_digital",
            Self::GiftRenews => "gift_renews",
            Self::GiftSingle => "gift_single",
            Self::CodeUnknown => "code_unknown",
            Self::CodeExpired => "code_expired",
            Self::TooManyCodes => "too_many_codes",
            Self::ShippingMethodNotFound => "shipping_method_not_found",
            Self::ShippingMethodElsewhere => "shipping_method_elsewhere",
            Self::CartClosed => "cart_closed",
            Self::CartExpired => "cart_expired",
            Self::OtherCustomer => "other_customer",
            Self::OtherStore => "other_store",
            Self::CartEmpty => "cart_empty",
            Self::CustomerNeeded => "customer_needed",
            Self::CustomerInactive => "customer_inactive",
            Self::CustomerNotFound => "customer_not_found",
            Self::Unreachable(_) => "unreachable",
            Self::LinkNotFound => "link_not_found",
            Self::WishNotFound => "wish_not_found",
            Self::WishlistFull => "wishlist_full",
            Self::OtherCurrency => "other_currency",
            Self::ClientKeyTaken => "client_key_taken",
            Self::TooManyLines => "too_many_lines",
            Self::TooMany => "quantity_too_large",
            Self::TotalTooLarge => "total_too_large",
            Self::Kit(error) => error.reason(),
        }
    }
}
