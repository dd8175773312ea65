//! What to do about findings.

/// What to do about findings of this kind that are left.
pub fn advice(kind: &str) -> &'static str {
    match kind {
        "dead_letter" => "see `patron dead-letters list`, mend the cause, then `patron dead-letters replay`",
        "outbox_waiting" => "see whether the service runs and reaches the broker; its events wait until then",
        "consumer_behind" => "see whether the service runs, and its log for events that fail",
        "consumer_missing" => "start the service: it has never listened to this one",
        "broker_unreachable" => "see whether nats-server runs and PATRON_NATS_URL is right; nothing is lost meanwhile",
        "order_of_unknown_customer"
        | "payment_of_unknown_customer"
        | "review_of_unknown_customer"
        | "subscription_of_unknown_customer"
        | "cart_of_unknown_customer"
        | "account_of_unknown_customer" => {
            "the customer's record is gone: restore customers from a backup that is no older than those of the others"
        }
        "unknown_cart" => "the cart is gone: restore carts from a backup that is no older than that of orders",
        "stray_confirmation" => {
            "a confirmation that waits is dropped with --repair; one that was sent tells of an order that orders has \
             lost: look for it in a backup"
        }
        "wrong_order_sum" => "the lines of the order were changed by hand: restore them from a backup",
        "paid_without_payment" | "payment_without_entry" | "refunded_too_much" => {
            "compare the order with the payment gateway's own list of payments"
        }
        "payment_without_order" => "the customer has paid and has no order: refund at the payment gateway, tell them",
        "stuck_payment" | "stuck_refund" => {
            "see whether orders runs and reaches the payment gateway, and its log for the payment"
        }
        _ => "run again with --repair",
    }
}
