//! An event of Stripe's, as far as it is used: which payment it is about, and what of it only an event tells.
use serde::Deserialize;
use serde_json::Value;

use crate::payment::PaymentId;

/// Longest id of an event, in bytes.
const LONGEST: usize = 255;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`.
    pub id: String,
    /// What happened.
    pub news: News,
    /// `pi_…` that it is about; may be empty.
    pub intent: String,
    /// `cs_…` that it is about; may be empty.
    pub session: String,
    /// The payment that its metadata names.
    pub payment: Option<PaymentId>,
}

/// What happened. How a payment or a refund stands is never read from an event, since they come late and in any order:
/// Stripe is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A payment may stand otherwise than before.
    Payment,
    /// Refunds of a payment, by whomever they were made, may stand otherwise than before.
    Refund,
    /// Its owner's bank wants a payment back.
    Disputed,
    /// Nothing that matters here.
    Other,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

impl Event {
    /// Reads the body of an event; `None` when it is none.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let Told { id, kind, data } = serde_json::from_slice(body).ok()?;
        if id.is_empty() || id.len() > LONGEST {
            return None;
        }
        let about = &data.object;
        let text = |field: &str| about.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let of = |object: &str| {
            if about.get("object").and_then(Value::as_str) == Some(object) { text("id") } else { String::new() }
        };
        let intent = match of("payment_intent") {
            id if id.is_empty() => text("payment_intent"),
            id => id,
        };
        let named = about.get("metadata").and_then(|data| data.get("payment")).and_then(Value::as_str);
        Some(Self {
            id,
            news: News::of(&kind),
            intent,
            session: of("checkout.session"),
            payment: named.and_then(|id| id.parse().ok()),
        })
    }
}

impl News {
    fn of(kind: &str) -> Self {
        match kind {
            "payment_intent.succeeded"
            | "payment_intent.payment_failed"
            | "payment_intent.canceled"
            | "payment_intent.requires_action"
            | "checkout.session.completed"
            | "checkout.session.expired" => Self::Payment,
            "charge.refunded" | "charge.refund.updated" | "refund.updated" | "refund.failed" => Self::Refund,
            "charge.dispute.created" => Self::Disputed,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, object: &Value) -> Option<Event> {
        Event::parse(json!({"id": "evt_1", "type": kind, "data": {"object": object}}).to_string().as_bytes())
    }

    /// OR-3: each event that matters names its payment; what is not known is no fault.
    #[test]
    fn every_event() {
        let payment = PaymentId::from_uuid(uuid::Uuid::from_u128(7));
        let intent = json!({"id": "pi_1", "object": "payment_intent", "metadata": {"payment": payment.to_string()}});
        for kind in ["succeeded", "payment_failed", "canceled", "requires_action"] {
            let told = event(&format!("payment_intent.{kind}"), &intent).expect("an event");
            assert_eq!((told.news, &*told.intent, told.payment), (News::Payment, "pi_1", Some(payment)));
        }
        let charge = json!({"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": 500});
        let told = event("charge.refunded", &charge).expect("an event");
        assert_eq!((told.news, &*told.intent, told.payment), (News::Refund, "pi_1", None));
        let dispute = json!({"id": "dp_1", "object": "dispute", "payment_intent": "pi_1", "charge": "ch_1"});
        assert_eq!(event("charge.dispute.created", &dispute).map(|told| told.news), Some(News::Disputed));
        let refund = json!({"id": "re_1", "object": "refund", "payment_intent": "pi_1", "status": "failed"});
        for kind in ["charge.refund.updated", "refund.updated", "refund.failed"] {
            let told = event(kind, &refund).expect("an event");
            assert_eq!((told.news, &*told.intent), (News::Refund, "pi_1"));
        }
        let page = json!({"id": "cs_1", "object": "checkout.session", "payment_intent": null});
        let told = event("checkout.session.completed", &page).expect("an event");
        assert_eq!((told.news, &*told.session, &*told.intent), (News::Payment, "cs_1", ""));
        assert_eq!(event("customer.created", &json!({})).map(|told| told.news), Some(News::Other));
    }

    #[test]
    fn what_is_no_event() {
        for body in ["", "[]", "{}", r#"{"id": 5}"#, r#"{"id": "", "type": "a", "data": {"object": {}}}"#] {
            assert_eq!(Event::parse(body.as_bytes()), None, "{body}");
        }
    }
}
