//! What products of shop fronts and of staff have in common.
use proto::catalog::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::Money;

/// A way to subscribe to a product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "plan_01939b7e5d3c7a2c9d2f1e0b7c6a5d53", "name": "Monthly", "interval": "month", "count": 1,
    "price": {"amount": 499, "currency": "EUR"}, "trial_days": 0, "active": true,
}))]
pub struct Plan {
    /// `plan_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// Intervals from payment to payment.
    pub count: u32,
    /// Price of each payment.
    pub price: Money,
    /// Days before the first payment.
    pub trial_days: u32,
    /// Whether it can be subscribed to.
    pub active: bool,
}

impl From<pb::Plan> for Plan {
    fn from(plan: pb::Plan) -> Self {
        Self {
            id: plan.id,
            name: plan.name,
            interval: plan.interval,
            count: plan.count,
            price: plan.price.map(Into::into).unwrap_or_default(),
            trial_days: plan.trial_days,
            active: plan.active,
        }
    }
}

/// Something that a subscription renews, such as a server.
#[derive(Debug, Serialize, ToSchema)]
pub struct RenewalTarget {
    /// `rtgt_…`.
    pub id: String,
    /// Display name.
    pub name: String,
}

impl From<pb::RenewalTarget> for RenewalTarget {
    fn from(target: pb::RenewalTarget) -> Self {
        Self { id: target.id, name: target.name }
    }
}
