//! What can go wrong between a cart and an order.
use kit::{
    failure::{Code, Failure},
    money::Money,
};

/// Failures of orders.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not the caller's.
    #[error("there is no such order")]
    OrderNotFound,
    /// Unknown, or of another store.
    #[error("there is no such checkout")]
    CheckoutNotFound,
    /// Unknown, or of another store.
    #[error("there is no such cart")]
    CartNotFound,
    /// Not the calling customer.
    #[error("there is no such customer")]
    CustomerNotFound,
    /// Unknown, or its secret is wrong.
    #[error("there is no such payment")]
    PaymentNotFound,
    /// Neither the request, nor the customer, nor the cart says who buys.
    #[error("say who buys: an e-mail address is needed")]
    ContactMissing,
    /// Not one of the checkout's payment gateway.
    #[error("the gateway {0} has no such payment method")]
    PaymentMethodUnknown(&'static str),
    /// Nothing to buy.
    #[error("the cart is empty")]
    CartEmpty,
    /// The cart became an order already, or expired.
    #[error("the cart is closed")]
    CartClosed,
    /// A line cannot be bought any more.
    #[error("“{0}” cannot be bought any more; please remove it from the cart")]
    ProductUnavailable(String),
    /// The cart no longer costs what was shown (OR-1).
    #[error("the price has changed; it is now {0}")]
    PriceChanged(Money),
    /// What every service can fail with.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::OrderNotFound
            | Self::CheckoutNotFound
            | Self::CartNotFound
            | Self::CustomerNotFound
            | Self::PaymentNotFound => Code::NotFound,
            Self::ContactMissing | Self::PaymentMethodUnknown(_) | Self::CartEmpty => Code::Refused,
            Self::CartClosed | Self::ProductUnavailable(_) | Self::PriceChanged(_) => Code::Conflict,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::OrderNotFound => "order_not_found",
            Self::CheckoutNotFound => "checkout_not_found",
            Self::CartNotFound => "cart_not_found",
            Self::CustomerNotFound => "customer_not_found",
            Self::PaymentNotFound => "payment_not_found",
            Self::ContactMissing => "contact_missing",
            Self::PaymentMethodUnknown(_) => "payment_method_unknown",
            Self::CartEmpty => "cart_empty",
            Self::CartClosed => "cart_closed",
            Self::ProductUnavailable(_) => "product_unavailable",
            Self::PriceChanged(_) => "price_changed",
            Self::Kit(error) => error.reason(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PriceChanged(now) => {
                vec![("amount", now.amount.to_string()), ("currency", now.currency.code().to_owned())]
            }
            _ => Vec::new(),
        }
    }
}
