//! What Stripe answers, as far as it is used, and what it means for a payment.
use serde::Deserialize;

use crate::payment::{Refusal, Verdict, payment::NOT_COMPLETED};

/// A `PaymentIntent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Intent {
    /// `pi_…`.
    pub id: String,
    /// How it stands.
    pub status: String,
    /// What Stripe.js goes on with.
    pub client_secret: Option<String>,
    /// What is to be done by the shopper.
    pub next_action: Option<NextAction>,
    /// Why it failed last.
    pub last_payment_error: Option<Fault<()>>,
    /// `pm_…` that it was paid by.
    pub payment_method: Option<String>,
    /// `cus_…` of Stripe's.
    pub customer: Option<String>,
}

/// What a shopper has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NextAction {
    /// A page to go to.
    pub redirect_to_url: Option<Page>,
}

/// A page of somebody else's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Its address.
    pub url: Option<String>,
}

/// A page of Stripe's own (Checkout Session).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Session {
    /// `cs_…`.
    pub id: String,
    /// "open", "complete" or "expired".
    pub status: String,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub payment_status: String,
    /// Its address, while it is open.
    pub url: Option<String>,
    /// `pi_…`, once somebody pays there.
    pub payment_intent: Option<String>,
}

/// Anything of which only the name counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// How it stands, where it can.
    #[serde(default)]
    pub status: String,
}

/// A refund.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Returned {
    /// `re_…`.
    pub id: String,
    /// "pending", "succeeded", "failed" or "canceled".
    pub status: String,
    /// How much.
    pub amount: i64,
    /// What it was called when it was asked for.
    pub metadata: Ours,
}

/// What of something is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Ours {
    /// `rfd_…`.
    pub refund: Option<String>,
}

/// A page of a list, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Listed<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// Whether there is another page.
    #[serde(default)]
    pub has_more: bool,
}

/// Why Stripe did not do something. `I` is the intent that came with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Fault<I = Intent> {
    /// Status of the answer.
    #[serde(skip)]
    pub status: u16,
    /// A slug, such as `card_declined`.
    pub code: Option<String>,
    /// What the bank said, such as `insufficient_funds`.
    pub decline_code: Option<String>,
    /// The intent that it is about.
    pub payment_intent: Option<I>,
}

/// How an intent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was never confirmed: no money can have moved.
    Idle,
    /// The shopper has something to do.
    Waiting,
    /// The money is there.
    Paid,
    /// The attempt failed; the intent itself could be tried again.
    Failed(Refusal),
    /// It is cancelled, for good.
    Cancelled,
    /// Underway at the bank.
    Underway,
}

impl Intent {
    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &*self.status {
            "succeeded" => Standing::Paid,
            "canceled" => Standing::Cancelled,
            "requires_action" | "requires_source_action" => Standing::Waiting,
            "requires_confirmation" => Standing::Idle,
            "requires_payment_method" | "requires_source" => match &self.last_payment_error {
                Some(fault) => Standing::Failed(fault.refusal()),
                None => Standing::Idle,
            },
            _ => Standing::Underway,
        }
    }

    /// Where the shopper goes; empty where there is no page.
    #[must_use]
    pub fn page(&self) -> &str {
        let page = self.next_action.as_ref().and_then(|action| action.redirect_to_url.as_ref());
        page.and_then(|page| page.url.as_deref()).filter(|url| url.starts_with("https://")).unwrap_or_default()
    }
}

impl Session {
    /// What it says of its payment; none while that is underway at the bank.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match (&*self.status, &*self.payment_status) {
            ("complete", "paid" | "no_payment_required") => {
                Some(Verdict::Captured(self.payment_intent.clone().unwrap_or_else(|| self.id.clone())))
            }
            ("open", _) => Some(Verdict::Redirected),
            ("expired", _) => Some(Verdict::Failed(not_completed())),
            _ => None,
        }
    }
}

impl<I> Fault<I> {
    /// Stripe's own word for it, if it is one: it goes to the log.
    #[must_use]
    pub fn word(&self) -> &str {
        let word = self.decline_code.as_deref().or(self.code.as_deref()).unwrap_or_default();
        let is_word = word.len() < 60 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if is_word { word } else { "" }
    }

    /// What a shopper is told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let words = [self.decline_code.as_deref(), self.code.as_deref()];
        let is = |word: &str| words.contains(&Some(word));
        if is("authentication_required") || is("payment_intent_authentication_failure") {
            let message = "The bank wants to be asked by you in person. Please pay again, and follow its questions.";
            Refusal::new("authentication_required", message)
        } else if is("insufficient_funds") {
            Refusal::new(
                "insufficient_funds",
                "The card was declined: there is not enough money. Please try another one.",
            )
        } else if is("expired_card") {
            Refusal::new("expired_card", "The card has expired. Please try another one.")
        } else {
            Refusal::new("declined", "The payment was declined. Please try another way to pay.")
        }
    }
}

/// Why a payment came to nothing that nobody decided on.
#[must_use]
pub fn not_completed() -> Refusal {
    let message = "The payment was not completed in time and nothing was charged. Please try again.";
    Refusal::new(NOT_COMPLETED, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn intent(value: serde_json::Value) -> Intent {
        serde_json::from_value(value).expect("an intent")
    }

    /// OR-3: every status of an intent. What was never confirmed cannot have moved money; what is not known is underway.
    #[test]
    fn every_status_of_an_intent() {
        let declined = json!({"code": "card_declined", "decline_code": "insufficient_funds", "message": "no"});
        for (status, error, expected) in [
            ("succeeded", json!(null), Standing::Paid),
            ("canceled", json!(null), Standing::Cancelled),
            ("requires_action", json!(null), Standing::Waiting),
            ("requires_confirmation", json!(null), Standing::Idle),
            ("requires_payment_method", json!(null), Standing::Idle),
            ("processing", json!(null), Standing::Underway),
            ("requires_capture", json!(null), Standing::Underway),
            ("a_later_one", json!(null), Standing::Underway),
        ] {
            let given = json!({"id": "pi_1", "status": status, "last_payment_error": error, "amount": 5});
            assert_eq!(intent(given).standing(), expected, "{status}");
        }
        let failed = intent(json!({"status": "requires_payment_method", "last_payment_error": declined}));
        assert!(matches!(failed.standing(), Standing::Failed(refusal) if refusal.reason == "insufficient_funds"));
    }

    /// OR-3: a shopper is sent to pages that are encrypted on the way, and to none otherwise.
    #[test]
    fn pages_are_encrypted() {
        let action = |url: &str| json!({"next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": url}}});
        assert_eq!(intent(action("https://bank.example/3ds")).page(), "https://bank.example/3ds");
        assert_eq!(intent(action("javascript:alert(1)")).page(), "");
        assert_eq!(intent(json!({"next_action": {"type": "use_stripe_sdk"}})).page(), "");
    }

    /// OR-3: every way a page of Stripe's ends.
    #[test]
    fn every_status_of_a_page() {
        for (status, paid, expected) in [
            ("open", "unpaid", Some(Verdict::Redirected)),
            ("complete", "paid", Some(Verdict::Captured("pi_1".to_owned()))),
            ("complete", "unpaid", None),
            ("expired", "unpaid", Some(Verdict::Failed(not_completed()))),
        ] {
            let page = json!({"id": "cs_1", "status": status, "payment_status": paid, "payment_intent": "pi_1"});
            let page: Session = serde_json::from_value(page).expect("a page");
            assert_eq!(page.verdict(), expected, "{status} {paid}");
        }
    }

    /// OR-3: reasons are slugs of ours; what Stripe says in its own words is told to nobody.
    #[test]
    fn reasons_are_ours() {
        let fault = |code: &str, decline: Option<&str>| Fault::<()> {
            code: Some(code.to_owned()),
            decline_code: decline.map(str::to_owned),
            ..Fault::default()
        };
        for (given, reason) in [
            (fault("authentication_required", None), "authentication_required"),
            (fault("card_declined", Some("authentication_required")), "authentication_required"),
            (fault("card_declined", Some("insufficient_funds")), "insufficient_funds"),
            (fault("expired_card", None), "expired_card"),
            (fault("card_declined", Some("stolen_card")), "declined"),
            (fault("a_later_one", None), "declined"),
        ] {
            assert_eq!(given.refusal().reason, reason, "{given:?}");
        }
        assert_eq!(fault("Jane's card", None).word(), "");
    }
}
