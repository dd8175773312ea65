//! What a fake Stripe knows, and what it does when it is asked.
use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Fields of a form.
pub type Form = BTreeMap<String, String>;

/// Its books.
#[derive(Default)]
pub struct Pages {
    pub intents: BTreeMap<String, Value>,
    pub sessions: BTreeMap<String, Value>,
    pub refunds: Vec<Value>,
    /// Answers by idempotency key, with what was asked.
    pub answers: BTreeMap<String, (String, u16, Value)>,
    pub asked: Vec<String>,
    /// Ends of addresses whose next answer is lost.
    pub lost: Vec<String>,
    /// Ends of addresses whose next answer waits.
    pub held: Vec<(String, oneshot::Receiver<()>)>,
    /// Customers that were made and not deleted.
    pub customers: Vec<String>,
    /// Those that were deleted.
    pub deleted: Vec<String>,
    /// Keys that nobody is let in with any more.
    pub revoked: Vec<String>,
    /// Most that a page of a list holds, whatever is asked for.
    pub page: Option<usize>,
    serial: u32,
}

impl Pages {
    /// Whether the next answer to `path` is lost.
    pub fn lost(&mut self, path: &str) -> bool {
        let lost = self.lost.iter().position(|end| path.ends_with(end.as_str()));
        lost.map(|at| self.lost.remove(at)).is_some()
    }

    /// What the next answer to `path` waits for.
    pub fn held(&mut self, path: &str) -> Option<oneshot::Receiver<()>> {
        let held = self.held.iter().position(|(end, _)| path.ends_with(end.as_str()));
        held.map(|at| self.held.remove(at).1)
    }

    /// What is at `path`; a list holds what is `asked` for.
    pub fn read(&self, path: &str, asked: &Form) -> Option<Value> {
        let steps: Vec<_> = path.split('/').collect();
        match *steps {
            ["payment_intents", id] => self.intents.get(id).cloned(),
            ["checkout", "sessions", id] => self.sessions.get(id).cloned(),
            ["customers", id] if self.customers.iter().any(|one| one == id) => {
                Some(json!({"id": id, "object": "customer"}))
            }
            ["customers", id] if self.deleted.iter().any(|one| one == id) => {
                Some(json!({"id": id, "object": "customer", "deleted": true}))
            }
            ["refunds", id] => self.refunds.iter().find(|refund| refund["id"] == id).cloned(),
            ["refunds"] => {
                let of = asked.get("payment_intent").map(String::as_str);
                let found = self.refunds.iter().rev().filter(|refund| refund["payment_intent"].as_str() == of);
                let after = asked.get("starting_after");
                let mut found =
                    found.skip_while(|refund| after.is_some_and(|after| refund["id"] != **after)).peekable();
                if after.is_some() {
                    found.next();
                }
                let most = self.page.or(asked.get("limit").and_then(|limit| limit.parse().ok())).unwrap_or(10);
                let data: Vec<_> = found.by_ref().take(most).collect();
                Some(json!({"object": "list", "has_more": found.peek().is_some(), "data": data}))
            }
            _ => None,
        }
    }

    pub fn next(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    pub fn answer(&mut self, path: &str, form: &Form) -> (u16, Value) {
        let steps: Vec<_> = path.split('/').collect();
        match *steps {
            ["payment_intents"] => self.intend(form),
            ["payment_intents", id, "confirm"] => self.confirm(id, form),
            ["payment_intents", id, "cancel"] => self.cancel(id),
            ["checkout", "sessions"] => self.open_page(form),
            ["checkout", "sessions", id, "expire"] => self.expire(id),
            ["customers"] => {
                let id = format!("cus_{:06}", self.next());
                self.customers.push(id.clone());
                (200, json!({"id": id, "object": "customer"}))
            }
            ["payment_methods", id, "attach"] => (200, json!({"id": id, "object": "payment_method"})),
            ["refunds"] => self.refund(form),
            _ => (404, json!({"error": {"type": "invalid_request_error"}})),
        }
    }

    fn intend(&mut self, form: &Form) -> (u16, Value) {
        let id = format!("pi_{:06}", self.next());
        let text = |name: &str| form.get(name).cloned();
        let intent = json!({
            "id": id, "object": "payment_intent", "status": "requires_confirmation",
            "amount": text("amount").and_then(|amount| amount.parse::<i64>().ok()), "currency": text("currency"),
            "payment_method": text("payment_method"), "customer": text("customer"), "next_action": null,
            "setup_future_usage": text("setup_future_usage"), "last_payment_error": null,
            "client_secret": format!("{id}_secret_x"),
            "metadata": {"payment": text("metadata[payment]"), "order": text("metadata[order]")},
        });
        self.intents.insert(id, intent.clone());
        (200, intent)
    }

    fn confirm(&mut self, id: &str, form: &Form) -> (u16, Value) {
        let Some(intent) = self.intents.get_mut(id) else { return (404, json!({"error": {}})) };
        if intent["status"] != "requires_confirmation" {
            return (400, json!({"error": {"code": "payment_intent_unexpected_state", "payment_intent": intent}}));
        }
        let (away, back) = (form.contains_key("off_session"), form.get("return_url"));
        let refusal = match intent["payment_method"].as_str().unwrap_or_default() {
            "pm_card_poor" => Some(("card_declined", Some("insufficient_funds"))),
            "pm_card_declined" => Some(("card_declined", Some("generic_decline"))),
            "pm_card_asks" if away => Some(("authentication_required", Some("authentication_required"))),
            "pm_card_dies" if away => Some(("expired_card", None)),
            "pm_card_asks" => {
                intent["status"] = json!("requires_action");
                intent["next_action"] = match back {
                    Some(_) => json!({"type": "redirect_to_url",
                                      "redirect_to_url": {"url": format!("https://bank.example/{id}")}}),
                    None => json!({"type": "use_stripe_sdk", "use_stripe_sdk": {}}),
                };
                return (200, intent.clone());
            }
            _ => None,
        };
        if let Some((code, decline)) = refusal {
            fail(intent, code, decline);
            let told = intent["last_payment_error"].clone();
            let error = json!({"type": "card_error", "code": told["code"], "decline_code": told["decline_code"],
                               "payment_intent": intent});
            return (402, json!({ "error": error }));
        }
        intent["status"] = json!("succeeded");
        (200, intent.clone())
    }

    fn cancel(&mut self, id: &str) -> (u16, Value) {
        let Some(intent) = self.intents.get_mut(id) else { return (404, json!({"error": {}})) };
        if intent["status"] == "succeeded" || intent["status"] == "canceled" {
            return (400, json!({"error": {"code": "payment_intent_unexpected_state", "payment_intent": intent}}));
        }
        intent["status"] = json!("canceled");
        (200, intent.clone())
    }

    fn open_page(&mut self, form: &Form) -> (u16, Value) {
        let id = format!("cs_{:06}", self.next());
        let text = |name: &str| form.get(name).cloned();
        let amount = text("line_items[0][price_data][unit_amount]").and_then(|amount| amount.parse::<i64>().ok());
        let session = json!({
            "id": id, "object": "checkout.session", "status": "open", "payment_status": "unpaid", "payment_intent": null,
            "url": format!("https://checkout.stripe.example/{id}"), "amount_total": amount,
            "success_url": text("success_url"), "metadata": {"payment": text("metadata[payment]")},
            "intent_metadata": {"payment": text("payment_intent_data[metadata][payment]")},
        });
        self.sessions.insert(id, session.clone());
        (200, session)
    }

    fn expire(&mut self, id: &str) -> (u16, Value) {
        let Some(session) = self.sessions.get_mut(id) else { return (404, json!({"error": {}})) };
        if session["status"] != "open" {
            return (400, json!({"error": {"type": "invalid_request_error"}}));
        }
        session["status"] = json!("expired");
        (200, session.clone())
    }

    fn refund(&mut self, form: &Form) -> (u16, Value) {
        let intent = form.get("payment_intent").and_then(|id| self.intents.get(id));
        let paid = intent.filter(|intent| intent["status"] == "succeeded").and_then(|intent| intent["amount"].as_i64());
        let amount: i64 = form.get("amount").and_then(|amount| amount.parse().ok()).unwrap_or_default();
        let back: i64 = self
            .refunds
            .iter()
            .filter(|refund| refund["payment_intent"].as_str() == form.get("payment_intent").map(String::as_str))
            .filter(|refund| refund["status"] != "failed")
            .filter_map(|refund| refund["amount"].as_i64())
            .sum();
        if !(1..=paid.unwrap_or_default() - back).contains(&amount) {
            return (400, json!({"error": {"code": "charge_already_refunded"}}));
        }
        let refund = json!({"id": format!("re_{:06}", self.next()), "object": "refund", "status": "succeeded",
                            "amount": amount, "payment_intent": form.get("payment_intent"),
                            "metadata": {"refund": form.get("metadata[refund]")}});
        self.refunds.push(refund.clone());
        (200, refund)
    }
}

/// Fails the attempt of `intent`.
pub fn fail(intent: &mut Value, code: &str, decline: Option<&str>) {
    intent["status"] = json!("requires_payment_method");
    intent["last_payment_error"] =
        json!({"type": "card_error", "code": code, "decline_code": decline, "message": "No."});
}
