//! What a link shows of an order.
use kit::money::{self, Money};
use proto::orders::v1 as pb;

/// `order` without whose it is and how it was paid: what was bought, what it cost, and where it is.
#[must_use]
pub fn public(order: pb::Order) -> pb::PublicOrder {
    let back = order.refunds.iter().filter(|refund| refund.status == "succeeded");
    let back = back.filter_map(|refund| refund.amount.as_ref()).map(|amount| amount.amount).sum();
    let currency = order.total.as_ref().and_then(|total| money::currency(&total.currency).ok());
    pb::PublicOrder {
        number: order.number,
        store: order.store,
        status: order.status,
        payment_status: order.payment_status,
        fulfilment_status: order.fulfilment_status,
        lines: order.lines,
        subtotal: order.subtotal,
        discount: order.discount,
        shipping: order.shipping,
        tax: order.tax,
        total: order.total,
        refunded: currency.map(|currency| Money::new(back, currency).into()),
        shipments: order.shipments,
        placed_at: order.placed_at,
    }
}
