//! Remembers how somebody's subscriptions stand (CU-4, CU-5).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, ProductId, RealmId, StoreId, SubscriptionId},
};

use super::store;
use crate::{Error, customer::store as record};

/// How a subscription stands, named as in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// Paid, or within its trial.
    Active,
    /// A renewal failed, and will be tried again.
    PastDue,
    /// Nothing is charged until it is resumed.
    Paused,
    /// Cancelled, though paid time of it may be left.
    Cancelled,
    /// Over, since it could not be charged.
    Expired,
}

/// What lists are narrowed down by.
pub const STATUSES: [&str; 5] = ["active", "past_due", "paused", "cancelled", "expired"];

/// A subscription, as an event tells of it.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The customer base.
    pub realm: RealmId,
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Where it was begun.
    pub store: StoreId,
    /// What it began with.
    pub product: ProductId,
    /// How it stands.
    pub status: Status,
    /// What tells which of two events is the later one.
    pub version: i64,
}

impl Status {
    const ALL: [Self; 5] = [Self::Active, Self::PastDue, Self::Paused, Self::Cancelled, Self::Expired];

    /// The status of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.slug() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        STATUSES[self as usize]
    }
}

/// Takes `subscription` into account, heard of at `now`, unless something later is known of it.
pub async fn record_subscription(tx: &mut Tx, subscription: Subscription, now: DateTime<Utc>) -> Result<(), Error> {
    let (realm, store) = (subscription.realm, subscription.store);
    let Some(mut customer) = record::lock(tx, realm, subscription.customer).await? else { return Ok(()) };
    let subscription = Subscription { customer: customer.id, ..subscription };
    store::know(tx, (realm, store, customer.id)).await?;
    if store::put_subscription(tx, &subscription).await? {
        customer.touch(now);
        record::save(tx, &customer).await?;
    }
    Ok(())
}
