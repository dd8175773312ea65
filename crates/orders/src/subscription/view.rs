//! Subscriptions as callers see them (ID-23).
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::OrderId,
    money::{self, Money},
    personal::redact,
};
use proto::orders::v1 as pb;
use sqlx::PgConnection;

use super::{State, Subscription, Target, Terms};
use crate::{error::Error, order::view::Sight};

/// Most renewals that are shown.
const RENEWALS: i64 = 50;
/// Most entries of its history that are shown.
const HISTORY: i64 = 200;

impl Subscription {
    /// As the API shows it, without renewals and history.
    #[must_use]
    pub fn encode(self, sight: Sight) -> pb::Subscription {
        let (amount, renews_at) = (self.due(), self.renews_at().map(timestamp));
        let terms = |terms: Terms| pb::SubscriptionTerms {
            plan: terms.plan,
            interval: terms.interval.slug().to_owned(),
            count: terms.count,
            price: Some(Money::new(terms.price, self.currency).into()),
        };
        let ends_at = if self.state == State::Leaving { Some(self.course.renews_at) } else { self.ended_at };
        let shown = pb::Subscription {
            resumable: self.is_resumable(),
            id: self.id.into(),
            realm: self.realm.into(),
            store: self.store.into(),
            customer: self.customer.into(),
            order: self.order.into(),
            product: self.item.product.into(),
            sku: self.item.sku,
            name: self.item.name,
            quantity: self.item.quantity,
            status: self.state.slug().to_owned(),
            terms: Some(terms(self.terms)),
            next_terms: self.next.map(terms),
            amount: Some(amount.into()),
            target: self.target.map(|Target { id, name }| pb::SubscriptionTarget { id, name }),
            gateway: self.gateway.slug().to_owned(),
            period_start: Some(timestamp(self.course.starts_at)),
            period_end: Some(timestamp(self.course.renews_at)),
            renews_at,
            trial_ends_at: self.course.trial_ends_at.map(timestamp),
            retry_at: self.course.retry_at.map(timestamp),
            failures: self.course.failures,
            charging: self.course.charging.is_some(),
            cancelled_at: self.cancelled_at.map(timestamp),
            ends_at: ends_at.map(timestamp),
            ended: self.state.is_over(),
            reason: if sight.staff { self.reason } else { String::new() },
            attribution: if sight.staff { self.attribution.told() } else { None },
            version: self.version,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            ..pb::Subscription::default()
        };
        if sight.clear { shown } else { redact(shown) }
    }

    /// When it renews next, unless it does not.
    fn renews_at(&self) -> Option<DateTime<Utc>> {
        matches!(self.state, State::Active | State::PastDue).then_some(self.course.renews_at)
    }
}

/// `of` with its renewals and its history.
pub async fn show(db: &mut PgConnection, of: Subscription, sight: Sight) -> Result<pb::Subscription, Error> {
    let (renewals, mut history) = (renewals(db, &of).await?, history(db, &of).await?);
    if !sight.staff {
        for event in &mut history {
            event.impersonator.clear();
        }
    }
    Ok(pb::Subscription { renewals, history, ..of.encode(sight) })
}

#[derive(sqlx::FromRow)]
struct RenewalRow {
    id: OrderId,
    number: String,
    subscription_cycle: i32,
    status: String,
    payment_status: String,
    total: i64,
    currency: String,
    created_at: DateTime<Utc>,
}

async fn renewals(db: &mut PgConnection, of: &Subscription) -> Result<Vec<pb::SubscriptionRenewal>, Error> {
    let rows: Vec<RenewalRow> = sqlx::query_as(
        "select id, number, subscription_cycle, status, payment_status, total, currency, created_at from orders
         where realm_id = $1 and subscription_id = $2 order by subscription_cycle desc limit $3",
    )
    .bind(of.realm)
    .bind(of.id)
    .bind(RENEWALS)
    .fetch_all(db)
    .await?;
    let show = |row: RenewalRow| {
        let odd = |error| Error::from(kit::Error::Internal(format!("an order's currency: {error}")));
        Ok(pb::SubscriptionRenewal {
            order: row.id.into(),
            number: row.number,
            cycle: u32::try_from(row.subscription_cycle).unwrap_or_default(),
            status: row.status,
            payment_status: row.payment_status,
            amount: Some(Money::new(row.total, money::currency(&row.currency).map_err(odd)?).into()),
            at: Some(timestamp(row.created_at)),
        })
    };
    rows.into_iter().map(show).collect()
}

async fn history(db: &mut PgConnection, of: &Subscription) -> Result<Vec<pb::SubscriptionEvent>, Error> {
    let rows: Vec<(String, String, String, String, DateTime<Utc>)> = sqlx::query_as(
        "select kind, status, actor, impersonator, at from (
           select * from subscription_history where realm_id = $1 and subscription_id = $2
           order by position desc limit $3) as newest order by position",
    )
    .bind(of.realm)
    .bind(of.id)
    .bind(HISTORY)
    .fetch_all(db)
    .await?;
    let show = |(kind, status, actor, impersonator, at)| {
        let at = Some(timestamp(at));
        pb::SubscriptionEvent { kind, status, actor, impersonator, at }
    };
    Ok(rows.into_iter().map(show).collect())
}
