//! Subscriptions, the same for shoppers and staff (OR-7).
use chrono::{DateTime, Utc};
use proto::orders::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attribution, Money, text, time};
use crate::answer::Versioned;

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "sub_01939b7e5d3c7a2c9d2f1e0b7c6a5d70", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "customer_id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "order_id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
    "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "sku": "BOX-1", "name": "Box", "quantity": 1,
    "status": "active",
    "terms": {
        "plan": "plan_01939b7e5d3c7a2c9d2f1e0b7c6a5d53", "interval": "month", "count": 1,
        "price": {"amount": 1200, "currency": "EUR"},
    },
    "next_terms": null, "amount": {"amount": 1200, "currency": "EUR"}, "renewal_target": null, "gateway": "test",
    "resumable": true, "period_start": "2026-03-02T12:00:00Z", "period_end": "2026-04-02T11:00:00Z",
    "renews_at": "2026-04-02T11:00:00Z", "trial_ends_at": null, "retry_at": null, "failures": 0, "charging": false,
    "cancelled_at": null, "ends_at": null, "ended": false, "reason": null, "attribution": null, "renewals": [],
    "history": [{
        "kind": "started", "status": "active", "actor": "customer cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
        "impersonator": null, "at": "2026-03-02T12:00:00Z",
    }],
    "version": 1, "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct Subscription {
    /// `sub_…`.
    pub id: String,
    /// `sto_…`.
    pub store: String,
    /// `cus_…`.
    pub customer_id: String,
    /// `ord_…` that it began with.
    pub order_id: String,
    /// `prd_…`.
    pub product_id: String,
    /// SKU of the product when it began.
    pub sku: String,
    /// Name of the product when it began.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// `active`, `past_due`, `paused`, `cancelled` or `expired`.
    pub status: String,
    /// What was agreed.
    pub terms: SubscriptionTerms,
    /// What is agreed as of the next renewal, if that is something else.
    pub next_terms: Option<SubscriptionTerms>,
    /// What the next renewal costs.
    pub amount: Money,
    /// What is renewed, such as a server.
    pub renewal_target: Option<SubscriptionTarget>,
    /// Payment gateway.
    pub gateway: String,
    /// Whether it can go on after it was cancelled; otherwise that is final.
    pub resumable: bool,
    /// When the period that is underway began.
    pub period_start: Option<DateTime<Utc>>,
    /// When it ends.
    pub period_end: Option<DateTime<Utc>>,
    /// When it renews next; `null` when it does not.
    pub renews_at: Option<DateTime<Utc>>,
    /// When its trial ends or ended.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// When a renewal that failed is tried again.
    pub retry_at: Option<DateTime<Utc>>,
    /// How often the renewal that is due has failed.
    pub failures: u32,
    /// Whether a renewal is being charged right now: then it cannot be changed for a moment.
    pub charging: bool,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// When it is over or was over, of one that was cancelled or has expired.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether nothing ever happens to it again.
    pub ended: bool,
    /// Why it was paused or cancelled last; for staff only.
    pub reason: Option<String>,
    /// Who and what brought about the order it began with; for staff only.
    pub attribution: Option<Attribution>,
    /// Orders by which it was renewed, newest first; in lists none.
    pub renewals: Vec<SubscriptionRenewal>,
    /// What happened to it, oldest first; in lists nothing.
    pub history: Vec<SubscriptionEvent>,
    /// Grows with every change.
    pub version: i64,
    /// When it began.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// What was agreed: so much for each period.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionTerms {
    /// Id of the product's plan.
    pub plan: String,
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// How many of them make a period.
    pub count: u32,
    /// Price of one.
    pub price: Money,
}

/// What is renewed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionTarget {
    /// `rtgt_…`.
    pub id: String,
    /// As it was called when it was chosen.
    pub name: String,
}

/// A renewal that was charged or agreed on invoice, or is underway.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionRenewal {
    /// `ord_…`.
    pub order_id: String,
    /// Number of the order.
    pub number: String,
    /// Which renewal it is, 1 first.
    pub cycle: u32,
    /// `pending`, `placed`, `completed` or `cancelled` of the order.
    pub status: String,
    /// Its payment.
    pub payment_status: String,
    /// How much.
    pub amount: Money,
    /// When it was begun.
    pub at: Option<DateTime<Utc>>,
}

/// Something that happened to a subscription.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionEvent {
    /// `started`, `renewed`, `declined`, `expired`, `paused`, `resumed`, `cancelled`, `ended`, `target`, `plan`, `method` or
    /// `retry`.
    pub kind: String,
    /// Status after it.
    pub status: String,
    /// Kind of actor and id.
    pub actor: String,
    /// Who really acted, where the actor was acted for.
    pub impersonator: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// Why a subscription is cancelled or paused.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reason": "I have moved."}))]
pub struct SubscriptionReason {
    /// Why, in one's own words.
    #[schema(max_length = 500, pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
    pub reason: Option<String>,
}

/// What is to be renewed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RenewalTargetChoice, example = json!({"target": "rtgt_01939b7e5d3c7a2c9d2f1e0b7c6a5d54"}))]
pub struct TargetChoice {
    /// `rtgt_…` of the product.
    #[schema(max_length = 40)]
    pub target: String,
}

/// How it is to be renewed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plan": "plan_01939b7e5d3c7a2c9d2f1e0b7c6a5d53"}))]
pub struct PlanChoice {
    /// `plan_…` of the product; the present one to stay with it.
    #[schema(pattern = "^plan_[0-9a-f]{32}$")]
    pub plan: String,
}

/// What it is to be paid with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"payment_method": "pm_test_ok"}))]
pub struct MethodChoice {
    /// The gateway's own name for the method, never the number of a card.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub payment_method: String,
}

impl Versioned for Subscription {
    fn version(&self) -> i64 {
        self.version
    }
}

fn money(money: Option<proto::base::v1::Money>) -> Money {
    money.map(Into::into).unwrap_or_default()
}

impl From<pb::Subscription> for Subscription {
    fn from(of: pb::Subscription) -> Self {
        Self {
            id: of.id,
            store: of.store,
            customer_id: of.customer,
            order_id: of.order,
            product_id: of.product,
            sku: of.sku,
            name: of.name,
            quantity: of.quantity,
            status: of.status,
            terms: of.terms.unwrap_or_default().into(),
            next_terms: of.next_terms.map(Into::into),
            amount: money(of.amount),
            renewal_target: of.target.map(|target| SubscriptionTarget { id: target.id, name: target.name }),
            gateway: of.gateway,
            resumable: of.resumable,
            period_start: time(of.period_start),
            period_end: time(of.period_end),
            renews_at: time(of.renews_at),
            trial_ends_at: time(of.trial_ends_at),
            retry_at: time(of.retry_at),
            failures: of.failures,
            charging: of.charging,
            cancelled_at: time(of.cancelled_at),
            ends_at: time(of.ends_at),
            ended: of.ended,
            reason: text(of.reason),
            renewals: of.renewals.into_iter().map(Into::into).collect(),
            history: of.history.into_iter().map(Into::into).collect(),
            version: of.version,
            created_at: time(of.created_at),
            updated_at: time(of.updated_at),
            attribution: of.attribution.map(Into::into),
            redacted: of.redacted,
        }
    }
}

impl From<pb::SubscriptionTerms> for SubscriptionTerms {
    fn from(terms: pb::SubscriptionTerms) -> Self {
        Self { plan: terms.plan, interval: terms.interval, count: terms.count, price: money(terms.price) }
    }
}

impl From<pb::SubscriptionRenewal> for SubscriptionRenewal {
    fn from(renewal: pb::SubscriptionRenewal) -> Self {
        Self {
            order_id: renewal.order,
            number: renewal.number,
            cycle: renewal.cycle,
            status: renewal.status,
            payment_status: renewal.payment_status,
            amount: money(renewal.amount),
            at: time(renewal.at),
        }
    }
}

impl From<pb::SubscriptionEvent> for SubscriptionEvent {
    fn from(event: pb::SubscriptionEvent) -> Self {
        let pb::SubscriptionEvent { kind, status, actor, impersonator, at } = event;
        Self { kind, status, actor, impersonator: text(impersonator), at: time(at) }
    }
}
