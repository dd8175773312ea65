//! Why a payment or a refund comes to nothing before or although Stripe was asked, in our words.
use super::wire::Fault;
use crate::payment::{Gateway, Refusal};

/// Why a store's payment is not even begun.
#[must_use]
pub fn off() -> Refusal {
    let name = Gateway::Stripe.slug();
    Refusal::new("gateway_off", &format!("The store does not take payments by {name} any more. Please pay otherwise."))
}

/// Why an amount is not even asked for.
#[must_use]
pub fn odd() -> Refusal {
    Refusal::new("amount_unknown", "This amount cannot be paid by card in its currency. Please pay otherwise.")
}

/// Why Stripe does not begin a payment. What it has against our keys is no matter of the shopper's.
#[must_use]
pub fn refused(fault: &Fault) -> Refusal {
    tracing::warn!(stripe.status = fault.status, stripe.code = fault.word(), "Stripe does not begin a payment");
    if matches!(fault.status, 401 | 403) {
        return Refusal::new("gateway_refused", "The store cannot take this payment just now. Please pay otherwise.");
    }
    fault.refusal()
}

/// Why nothing went back.
#[must_use]
pub fn not_returned() -> Refusal {
    Refusal::new("refused", "Stripe refused to give the money back.")
}
