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
    /// Unknown, revoked, or of another order.
    #[error("there is no such link")]
    LinkNotFound,
    /// Unknown, or of another order.
    #[error("there is no such receipt")]
    ReceiptNotFound,
    /// The order is not paid.
    #[error("there is no receipt before an order is paid")]
    ReceiptNotIssued,
    /// As many as an order may have.
    #[error("the order has as many open links as it may; revoke one first")]
    TooManyLinks,
    /// Neither the request, nor the customer, nor the cart says who buys.
    #[error("say who buys: an e-mail address is needed")]
    ContactMissing,
    /// Not one of the checkout's payment gateway.
    #[error("the gateway {0} has no such payment method")]
    PaymentMethodUnknown(&'static str),
    /// None of the house's.
    #[error("there is no such gateway")]
    GatewayNotFound,
    /// Unknown, or not within the caller's network.
    #[error("there is no such store")]
    StoreNotFound,
    /// The store has switched it off, or not set it up.
    #[error("the store does not take payments by {0}")]
    GatewayClosed(&'static str),
    /// Another account would never learn what becomes of them.
    #[error(
        "payments, refunds, subscriptions or deletions are underway in the account of the present key; try again when they \
         have come to an end, or name another key of that account"
    )]
    GatewayInUse,
    /// An attempt to pay it has not come to an end.
    #[error("a payment of this order is underway; please try again in a moment")]
    PaymentUnderway,
    /// Not of the gateway, or too old.
    #[error("the signature is wrong, or too old")]
    SignatureWrong,
    /// Signed, but none that can be read.
    #[error("this is no event")]
    EventMalformed,
    /// Staff check out for somebody (CA-7).
    #[error("say first whose cart this is")]
    CustomerNeeded,
    /// Every door is closed to them (ID-9).
    #[error("this customer is inactive")]
    CustomerInactive,
    /// It takes the customer's own hands (CA-7).
    #[error("this way to pay sends customers to a page of their own: send a check-out link instead")]
    RedirectForAgents,
    /// Nothing to buy.
    #[error("the cart is empty")]
    CartEmpty,
    /// The cart became an order already, or expired.
    #[error("the cart is closed")]
    CartClosed,
    /// A line cannot be bought any more.
    #[error("“{0}” cannot be bought any more; please remove it from the cart")]
    ProductUnavailable(String),
    /// Something of the cart is shipped, and nobody said how (CA-11).
    #[error("choose how the cart is to be shipped")]
    ShippingMethodNeeded,
    /// What was chosen is not offered any more (CA-11).
    #[error("the chosen way to ship is no longer offered; please choose another")]
    ShippingMethodWithdrawn,
    /// What was chosen does not go there (CA-11).
    #[error("the chosen way to ship does not go to that country; please choose another")]
    ShippingMethodElsewhere,
    /// The cart no longer costs what was shown (OR-1).
    #[error("the price has changed; it is now {0}")]
    PriceChanged(Money),
    /// A report is about a time that ends after it begins, and not too long a one (CA-8).
    #[error("a report is about a moment to 366 days before its end")]
    PeriodOutOfRange,
    /// It was used as often as it may be, by all or by this customer (CA-5).
    #[error("the voucher “{0}” is used up; please remove it from the cart")]
    VoucherUsedUp(String),
    /// Cancelled, or something of it has left the house.
    #[error("the order is no longer open to this")]
    OrderNotOpen,
    /// Not a line of the order, or named twice.
    #[error("the order has no such line, or it is named twice")]
    LineNotFound,
    /// More than there is of a line.
    #[error("of this line there are only {0} left")]
    QuantityTooLarge(u32),
    /// All of it has left the house, or was taken back.
    #[error("nothing of the order is left to be sent")]
    NothingToFulfil,
    /// Nothing came in, or all of it went back.
    #[error("nothing is left to be given back")]
    NothingToRefund,
    /// More than came in and has not gone back (OR-5).
    #[error("at most {0} can be given back")]
    RefundTooLarge(Money),
    /// All of it is paid.
    #[error("the order is paid")]
    AlreadyPaid,
    /// More than is due.
    #[error("only {0} is due")]
    PaymentTooLarge(Money),
    /// Not the order's.
    #[error("the order is in another currency")]
    CurrencyMismatch,
    /// Unknown, or not the caller's.
    #[error("there is no such subscription")]
    SubscriptionNotFound,
    /// It is being charged right now.
    #[error("the subscription is being renewed right now; please try again in a moment")]
    RenewalUnderway,
    /// What is asked cannot happen to it as it stands.
    #[error("the subscription is {0}; that cannot be done to it")]
    SubscriptionClosed(&'static str),
    /// Its gateway cannot resume.
    #[error("the gateway {0} cannot resume: the cancellation is final")]
    CancellationFinal(&'static str),
    /// No renewal has failed.
    #[error("no renewal of the subscription has failed")]
    NothingToRetry,
    /// Not one that can be subscribed to.
    #[error("the product has no such plan")]
    PlanNotFound,
    /// Not of the product.
    #[error("the product has no such renewal target")]
    RenewalTargetNotFound,
    /// The product does not let customers change it.
    #[error("the store does not let you change what is renewed")]
    RenewalTargetFixed,
    /// Money is not moved without a key to repeat it by.
    #[error("send an Idempotency-Key")]
    KeyRequired,
    /// An order is edited as it was seen.
    #[error("send the version that you saw in If-Match")]
    VersionRequired,
    /// Unknown, or of another store.
    #[error("there is no such product")]
    ProductNotFound,
    /// What is shipped is in no library (OR-8).
    #[error("only digital products are in libraries")]
    NotDigital,
    /// Not in this library.
    #[error("this is not in the library")]
    ItemNotFound,
    /// Unknown, or not the caller's.
    #[error("there is no such job")]
    RebuildNotFound,
    /// The product has no such file, or none at all.
    #[error("there is no such file")]
    FileNotFound,
    /// Unknown, or its signature is wrong (OR-9).
    #[error("this is no link to a file")]
    DownloadNotFound,
    /// Its time is over.
    #[error("this link is no longer good; please make another")]
    LinkExpired,
    /// What it was for is gone, or was taken away.
    #[error("what this link was for is no longer there")]
    LinkDead,
    /// By this link, or of this file at all.
    #[error("the file was downloaded as often as it may be")]
    DownloadsUsedUp,
    /// Somebody makes links without end.
    #[error("many links were made already; please wait a while")]
    TooManyDownloads,
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
            | Self::PaymentNotFound
            | Self::LinkNotFound
            | Self::GatewayNotFound
            | Self::StoreNotFound
            | Self::ReceiptNotFound
            | Self::SubscriptionNotFound
            | Self::ProductNotFound
            | Self::ItemNotFound
            | Self::RebuildNotFound
            | Self::FileNotFound
            | Self::DownloadNotFound => Code::NotFound,
            Self::LinkExpired | Self::LinkDead | Self::DownloadsUsedUp => Code::Expired,
            Self::TooManyDownloads => Code::Limited,
            Self::ContactMissing
            | Self::CustomerNeeded
            | Self::CustomerInactive
            | Self::RedirectForAgents
            | Self::TooManyLinks
            | Self::PaymentMethodUnknown(_)
            | Self::GatewayClosed(_)
            | Self::CartEmpty
            | Self::LineNotFound
            | Self::PeriodOutOfRange
            | Self::QuantityTooLarge(_)
            | Self::NothingToFulfil
            | Self::NothingToRefund
            | Self::RefundTooLarge(_)
            | Self::PaymentTooLarge(_)
            | Self::CurrencyMismatch
            | Self::NotDigital
            | Self::NothingToRetry
            | Self::PlanNotFound
            | Self::RenewalTargetNotFound
            | Self::RenewalTargetFixed => Code::Refused,
            Self::CartClosed
            | Self::ProductUnavailable(_)
            | Self::VoucherUsedUp(_)
            | Self::PriceChanged(_)
            | Self::ShippingMethodNeeded
            | Self::ShippingMethodWithdrawn
            | Self::ShippingMethodElsewhere
            | Self::OrderNotOpen
            | Self::AlreadyPaid
            | Self::PaymentUnderway
            | Self::GatewayInUse
            | Self::ReceiptNotIssued
            | Self::RenewalUnderway
            | Self::SubscriptionClosed(_)
            | Self::CancellationFinal(_) => Code::Conflict,
            Self::KeyRequired | Self::SignatureWrong | Self::EventMalformed => Code::Invalid,
            Self::VersionRequired => Code::Required,
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
            Self::LinkNotFound => "link_not_found",
            Self::ReceiptNotFound => "receipt_not_found",
            Self::ReceiptNotIssued => "receipt_not_issued",
            Self::TooManyLinks => "too_many_links",
            Self::ContactMissing => "contact_missing",
            Self::CustomerNeeded => "customer_needed",
            Self::CustomerInactive => "customer_inactive",
            Self::RedirectForAgents => "redirect_for_agents",
            Self::PaymentMethodUnknown(_) => "payment_method_unknown",
            Self::GatewayNotFound => "gateway_not_found",
            Self::StoreNotFound => "store_not_found",
            Self::GatewayClosed(_) => "gateway_closed",
            Self::GatewayInUse => "gateway_in_use",
            Self::PaymentUnderway => "payment_underway",
            Self::SignatureWrong => "signature_wrong",
            Self::EventMalformed => "event_malformed",
            Self::CartEmpty => "cart_empty",
            Self::CartClosed => "cart_closed",
            Self::ProductUnavailable(_) => "product_unavailable",
            Self::VoucherUsedUp(_) => "voucher_used_up",
            Self::PriceChanged(_) => "price_changed",
            Self::PeriodOutOfRange => "period_out_of_range",
            Self::ShippingMethodNeeded => "shipping_method_needed",
            Self::ShippingMethodWithdrawn => "shipping_method_withdrawn",
            Self::ShippingMethodElsewhere => "shipping_method_elsewhere",
            Self::OrderNotOpen => "order_not_open",
            Self::LineNotFound => "line_not_found",
            Self::QuantityTooLarge(_) => "quantity_too_large",
            Self::NothingToFulfil => "nothing_to_fulfil",
            Self::NothingToRefund => "nothing_to_refund",
            Self::RefundTooLarge(_) => "refund_too_large",
            Self::AlreadyPaid => "already_paid",
            Self::PaymentTooLarge(_) => "payment_too_large",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::ProductNotFound => "product_not_found",
            Self::NotDigital => "product_not_digital",
            Self::ItemNotFound => "library_item_not_found",
            Self::RebuildNotFound => "job_not_found",
            Self::FileNotFound => "file_not_found",
            Self::DownloadNotFound => "download_not_found",
            Self::LinkExpired => "link_expired",
            Self::LinkDead => "link_dead",
            Self::DownloadsUsedUp => "downloads_used_up",
            Self::TooManyDownloads => "too_many_downloads",
            Self::SubscriptionNotFound => "subscription_not_found",
            Self::RenewalUnderway => "renewal_underway",
            Self::SubscriptionClosed(_) => "subscription_closed",
            Self::CancellationFinal(_) => "cancellation_final",
            Self::NothingToRetry => "nothing_to_retry",
            Self::PlanNotFound => "plan_not_found",
            Self::RenewalTargetNotFound => "renewal_target_not_found",
            Self::RenewalTargetFixed => "renewal_target_fixed",
            Self::KeyRequired => "idempotency_key_required",
            Self::VersionRequired => "version_required",
            Self::Kit(error) => error.reason(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PriceChanged(now) | Self::RefundTooLarge(now) | Self::PaymentTooLarge(now) => {
                vec![("amount", now.amount.to_string()), ("currency", now.currency.code().to_owned())]
            }
            _ => Vec::new(),
        }
    }
}
