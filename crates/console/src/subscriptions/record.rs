//! A subscription as pages show it.
use chrono_tz::Tz;
use proto::orders::v1::{Subscription, SubscriptionEvent, SubscriptionRenewal, SubscriptionTerms};

use crate::show::{Badge, Fact, Moment, Redacted, credit, label, price};

/// A subscription.
pub struct Record {
    /// `sub_…`.
    pub id: String,
    /// `sto_…`.
    pub store: String,
    /// `cus_…`.
    pub customer: String,
    /// `ord_…` that it began with.
    pub order: String,
    /// `prd_…`.
    pub product: String,
    /// How many of what.
    pub name: String,
    /// SKU of that.
    pub sku: String,
    /// How it stands.
    pub status: Badge,
    /// What is paid how often.
    pub terms: String,
    /// What is as of the next renewal, if something else.
    pub next_terms: String,
    /// Id of the plan that is agreed for the next renewal.
    pub plan: String,
    /// What the next renewal costs.
    pub amount: String,
    /// What is renewed: id and name; empty for none.
    pub target: (String, String),
    /// Payment gateway.
    pub gateway: String,
    /// When it renews next.
    pub renews: Option<Moment>,
    /// When what is paid for ends, or it ended.
    pub ends: Option<Moment>,
    /// When its trial ends.
    pub trial: Option<Moment>,
    /// When a failed renewal is tried again.
    pub retry: Option<Moment>,
    /// How often the renewal that is due has failed.
    pub failures: u32,
    /// Whether it can go on after it was cancelled.
    pub resumable: bool,
    /// Why it was paused or cancelled last; may be empty.
    pub reason: String,
    /// Whether that is masked.
    pub masked: bool,
    /// What may be done with it.
    pub can: Can,
    /// Renewals, newest first.
    pub renewals: Vec<Renewal>,
    /// What happened, oldest first.
    pub history: Vec<Event>,
    /// Who and what brought it about; only what is known.
    pub credit: Vec<Fact>,
    /// Version that was seen.
    pub version: i64,
}

/// What may be done with a subscription as it stands.
#[expect(clippy::struct_excessive_bools, reason = "each is a form of the page that is there or is not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Can {
    /// Be cancelled.
    pub cancel: bool,
    /// Rest.
    pub pause: bool,
    /// Go on.
    pub resume: bool,
    /// Be charged again.
    pub retry: bool,
    /// Be renewed otherwise.
    pub change: bool,
    /// Be renewed by another plan.
    pub replan: bool,
}

/// A renewal.
pub struct Renewal {
    /// `ord_…`.
    pub order: String,
    /// Number of the order.
    pub number: String,
    /// Which it is.
    pub cycle: u32,
    /// Its payment.
    pub payment: Badge,
    /// How much.
    pub amount: String,
    /// When.
    pub at: Option<Moment>,
}

/// Something that happened.
pub struct Event {
    /// In words.
    pub words: String,
    /// Status after it.
    pub status: Badge,
    /// Kind of whoever did it.
    pub actor: String,
    /// When.
    pub at: Option<Moment>,
}

impl Can {
    /// What its state allows.
    fn of(of: &Subscription) -> Self {
        if of.charging || of.ended {
            return Self::default();
        }
        let (active, paused, leaving) = (of.status == "active", of.status == "paused", of.status == "cancelled");
        Self {
            cancel: true,
            pause: active,
            resume: paused || (leaving && of.resumable),
            retry: of.retry_at.is_some(),
            change: true,
            replan: !leaving,
        }
    }
}

/// So much so often, such as "12.00 EUR every 3 months".
fn terms(terms: &SubscriptionTerms) -> String {
    let amount = price(terms.price.as_ref());
    let unit = &terms.interval;
    if terms.count == 1 { format!("{amount} every {unit}") } else { format!("{amount} every {} {unit}s", terms.count) }
}

impl Record {
    /// With times in `zone`.
    pub fn new(of: Subscription, zone: Tz) -> Self {
        let moment = |at: &Option<_>| Moment::new(at.as_ref(), zone);
        let quantity = if of.quantity == 1 { String::new() } else { format!("{} × ", of.quantity) };
        let coming = of.next_terms.as_ref().or(of.terms.as_ref());
        Self {
            can: Can::of(&of),
            status: Badge::new(&of.status),
            plan: coming.map(|terms| terms.plan.clone()).unwrap_or_default(),
            terms: of.terms.as_ref().map(terms).unwrap_or_default(),
            next_terms: of.next_terms.as_ref().map(terms).unwrap_or_default(),
            amount: price(of.amount.as_ref()),
            renews: moment(&of.renews_at),
            ends: moment(&of.ends_at),
            trial: moment(&of.trial_ends_at),
            retry: moment(&of.retry_at),
            masked: Redacted(&of.redacted).has("reason"),
            credit: credit(of.attribution.as_ref(), &Redacted(&of.redacted)),
            renewals: of.renewals.into_iter().map(|one| Renewal::new(one, zone)).collect(),
            history: of.history.into_iter().map(|one| Event::new(&one, zone)).collect(),
            id: of.id,
            store: of.store,
            customer: of.customer,
            order: of.order,
            product: of.product,
            name: format!("{quantity}{}", of.name),
            sku: of.sku,
            target: of.target.map(|target| (target.id, target.name)).unwrap_or_default(),
            gateway: label::words(&of.gateway),
            failures: of.failures,
            resumable: of.resumable,
            reason: of.reason,
            version: of.version,
        }
    }
}

impl Renewal {
    fn new(one: SubscriptionRenewal, zone: Tz) -> Self {
        Self {
            payment: Badge::new(&one.payment_status),
            amount: price(one.amount.as_ref()),
            at: Moment::new(one.at.as_ref(), zone),
            order: one.order,
            number: one.number,
            cycle: one.cycle,
        }
    }
}

impl Event {
    fn new(one: &SubscriptionEvent, zone: Tz) -> Self {
        let words = match one.kind.as_str() {
            "started" => "It began",
            "declined" => "A renewal could not be charged",
            "target" => "Something else is renewed",
            "plan" => "Another plan was agreed",
            "method" => "It is paid by another method",
            "retry" => "It was asked to be charged again",
            other => &label::words(other),
        };
        // The kind of actor is enough for a reader; ids are for the audit.
        let actor = one.actor.split_whitespace().next().unwrap_or_default();
        Self {
            words: words.to_owned(),
            status: Badge::new(&one.status),
            actor: label::words(actor),
            at: Moment::new(one.at.as_ref(), zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: &str) -> Subscription {
        Subscription { status: status.to_owned(), resumable: true, ..Subscription::default() }
    }

    /// OR-7: a page offers what can be done, and nothing while a renewal is charged.
    #[test]
    fn forms_follow_the_state() {
        let can = |of: Subscription| Can::of(&of);
        assert!(can(of("active")).pause && can(of("active")).cancel && !can(of("active")).resume);
        assert!(can(of("paused")).resume && !can(of("paused")).pause);
        assert!(can(of("cancelled")).resume && !can(of("cancelled")).replan);
        assert!(!can(Subscription { resumable: false, ..of("cancelled") }).resume);
        assert_eq!(can(Subscription { ended: true, ..of("cancelled") }), Can::default());
        assert_eq!(can(Subscription { charging: true, ..of("active") }), Can::default());
    }

    #[test]
    fn terms_are_read_as_they_are_spoken() {
        let price = Some(proto::base::v1::Money { amount: 1200, currency: "EUR".to_owned() });
        let agreed = |count| SubscriptionTerms {
            interval: "month".to_owned(),
            count,
            price: price.clone(),
            ..Default::default()
        };
        assert_eq!((&*terms(&agreed(1)), &*terms(&agreed(3))), ("12.00 EUR every month", "12.00 EUR every 3 months"));
    }
}
