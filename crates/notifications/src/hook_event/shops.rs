//! Events about what is bought, said and sent.
use proto::{
    base::v1::Money,
    notifications::v1::{MessageFailed, MessageSent},
    orders::v1::{
        LineQuantity, OrderCancelled, OrderFulfilled, OrderPlaced, PaymentCaptured, PaymentFailed, PaymentRefunded,
        PlacedLine, ReceiptIssued, RefundFailed, RefundedLine,
    },
    reviews::v1::{ReviewDeleted, ReviewSubmitted},
};
use serde_json::{Value, json};

use super::hook_event::{NOON, Public, Told, example};

/// An amount as the API writes it.
pub(super) fn money(money: Option<Money>) -> Value {
    money.map_or(Value::Null, |money| json!({ "amount": money.amount, "currency": money.currency }))
}

/// An id that may be missing.
pub(super) fn id(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn line(line: &PlacedLine) -> Value {
    json!({ "product": line.product, "quantity": line.quantity, "subtotal": line.subtotal, "kind": line.kind })
}

pub(super) fn price() -> Money {
    Money { amount: 1999, currency: "EUR".to_owned() }
}

impl Public for OrderPlaced {
    const TITLE: &'static str = "order.placed";
    const SAYS: &'static str = "An order was placed: paid, or accepted on invoice.";

    fn told(self) -> Told {
        let data = json!({
            "order": self.order, "number": self.number, "customer": self.customer, "cart": id(self.cart),
            "subscription": id(self.subscription), "total": money(self.total), "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            number: "1042".to_owned(),
            customer: example("cus"),
            cart: example("cart"),
            total: Some(price()),
            lines: vec![PlacedLine {
                product: example("prd"),
                quantity: 1,
                subtotal: 1999,
                kind: "physical".to_owned(),
                ..PlacedLine::default()
            }],
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for PaymentCaptured {
    const TITLE: &'static str = "payment.captured";
    const SAYS: &'static str = "Money came in.";

    fn told(self) -> Told {
        let data = json!({
            "order": self.order, "customer": self.customer, "transaction": self.transaction, "amount": money(self.amount),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            customer: example("cus"),
            transaction: example("txn"),
            amount: Some(price()),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for PaymentFailed {
    const TITLE: &'static str = "payment.failed";
    const SAYS: &'static str = "A payment did not come about; a cart stays open, and a renewal is tried again.";

    fn told(self) -> Told {
        let data = json!({ "order": self.order, "reason": self.reason });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            reason: "declined".to_owned(),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for OrderFulfilled {
    const TITLE: &'static str = "order.fulfilled";
    const SAYS: &'static str = "Something of an order left the house.";

    fn told(self) -> Told {
        let lines = self.lines.iter().map(|line| json!({ "line": line.line, "quantity": line.quantity }));
        let data = json!({
            "order": self.order, "number": self.number, "customer": self.customer, "shipment": self.shipment,
            "fulfilment_status": self.fulfilment_status, "lines": lines.collect::<Vec<_>>(),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            number: "1042".to_owned(),
            customer: example("cus"),
            shipment: example("shp"),
            fulfilment_status: "fulfilled".to_owned(),
            lines: vec![LineQuantity { line: example("line"), quantity: 1 }],
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for OrderCancelled {
    const TITLE: &'static str = "order.cancelled";
    const SAYS: &'static str = "An order was called off before anything of it left the house.";

    fn told(self) -> Told {
        let data = json!({
            "order": self.order, "number": self.number, "customer": self.customer, "total": money(self.total),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            number: "1042".to_owned(),
            customer: example("cus"),
            total: Some(price()),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for PaymentRefunded {
    const TITLE: &'static str = "payment.refunded";
    const SAYS: &'static str = "Money went back.";

    fn told(self) -> Told {
        let line = |line: &RefundedLine| json!({ "line": line.line, "product": line.product, "quantity": line.quantity, "amount": line.amount });
        let data = json!({
            "order": self.order, "customer": self.customer, "transaction": self.transaction, "refund": id(self.refund),
            "amount": money(self.amount), "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        let line = RefundedLine { line: example("line"), product: example("prd"), quantity: 1, amount: 1999 };
        Self {
            store: example("sto"),
            order: example("ord"),
            customer: example("cus"),
            transaction: example("txn"),
            refund: example("rfd"),
            amount: Some(price()),
            lines: vec![line],
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for RefundFailed {
    const TITLE: &'static str = "refund.failed";
    const SAYS: &'static str = "Money that had gone back came again: the customer's bank did not take it.";

    fn told(self) -> Told {
        let data = json!({
            "order": self.order, "customer": self.customer, "transaction": self.transaction, "refund": id(self.refund),
            "amount": money(self.amount),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            customer: example("cus"),
            transaction: example("txn"),
            refund: example("rfd"),
            amount: Some(price()),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for ReceiptIssued {
    const TITLE: &'static str = "receipt.issued";
    const SAYS: &'static str = "A paid order has a receipt, or what went back a credit note, under its number.";

    fn told(self) -> Told {
        let data = json!({
            "order": self.order, "customer": self.customer, "receipt": self.receipt, "kind": self.kind,
            "number": self.number, "total": money(self.total),
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            order: example("ord"),
            customer: example("cus"),
            receipt: example("rcp"),
            kind: "receipt".to_owned(),
            number: "2026-000001".to_owned(),
            total: Some(price()),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for ReviewSubmitted {
    const TITLE: &'static str = "review.submitted";
    const SAYS: &'static str = "A review was written.";

    fn told(self) -> Told {
        let data = json!({
            "review": self.review, "author": self.author, "subject": self.subject, "rating": self.rating,
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            review: example("rev"),
            author: example("cus"),
            subject: example("prd"),
            rating: 5,
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for ReviewDeleted {
    const TITLE: &'static str = "review.deleted";
    const SAYS: &'static str = "A review was deleted.";

    fn told(self) -> Told {
        let data = json!({ "review": self.review, "author": self.author, "subject": self.subject });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            review: example("rev"),
            author: example("cus"),
            subject: example("prd"),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for MessageSent {
    const TITLE: &'static str = "message.sent";
    const SAYS: &'static str = "A message to a person left the house.";

    fn told(self) -> Told {
        let data = json!({ "message": self.message, "customer": id(self.customer) });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self { store: example("sto"), message: example("msg"), customer: example("cus"), at: NOON, ..Self::default() }
    }
}

impl Public for MessageFailed {
    const TITLE: &'static str = "message.failed";
    const SAYS: &'static str = "A message to a person was given up.";

    fn told(self) -> Told {
        let data = json!({
            "message": self.message, "customer": id(self.customer), "reason": self.reason,
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            message: example("msg"),
            customer: example("cus"),
            reason: "rejected".to_owned(),
            at: NOON,
            ..Self::default()
        }
    }
}
