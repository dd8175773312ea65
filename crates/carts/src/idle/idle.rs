//! What becomes of an open cart that nobody touches (CA-2): abandoned after half an hour, expired after days.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{CartId, CustomerId, MessageId, RealmId, StoreId},
};
use proto::carts::v1 as pb;

/// After how long without a change a cart with something in it is abandoned.
pub const PATIENCE: TimeDelta = TimeDelta::minutes(30);
/// For how long a reminder is of use.
pub const USEFUL: TimeDelta = TimeDelta::hours(24);

/// An open cart that is to be looked at.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Idle {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: CartId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: Option<StoreId>,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: Option<CustomerId>,
    pub(crate) version: i64,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) abandoned_at: Option<DateTime<Utc>>,
    /// Whether anything is in it.
    pub(crate) filled: bool,
    /// Whether its owner was reminded before.
    pub(crate) reminded: bool,
}

/// What becomes of a cart now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is over.
    Expired,
    /// It was left alone, since this moment.
    Abandoned(DateTime<Utc>),
    /// Nothing before this moment.
    Waits(DateTime<Utc>),
}

impl Idle {
    /// What becomes of it at `now`.
    #[must_use]
    pub fn fate(&self, now: DateTime<Utc>) -> Fate {
        let left_at = self.updated_at + PATIENCE;
        let told = self.abandoned_at.is_some_and(|at| at >= left_at);
        if self.expires_at <= now {
            Fate::Expired
        } else if !self.filled || told {
            Fate::Waits(self.expires_at)
        } else if left_at <= now {
            Fate::Abandoned(left_at)
        } else {
            Fate::Waits(left_at)
        }
    }

    /// The message that reminds its owner, if there is one who was not reminded before, and it is not too late for it.
    #[must_use]
    pub fn reminder(&self, left_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<MessageId> {
        let fit = self.customer.is_some() && self.store.is_some() && !self.reminded && now < left_at + USEFUL;
        fit.then(|| MessageId::new(now))
    }

    /// The event that it was left alone.
    #[must_use]
    pub fn abandoned(&self, at: DateTime<Utc>) -> pb::CartAbandoned {
        let Self { realm, id, store, customer, .. } = self;
        pb::CartAbandoned {
            realm: realm.to_string(),
            cart: id.to_string(),
            store: store.map(String::from).unwrap_or_default(),
            customer: customer.map(String::from).unwrap_or_default(),
            at: Some(timestamp(at)),
        }
    }

    /// The event that it is over.
    #[must_use]
    pub fn expired(&self) -> pb::CartExpired {
        let Self { realm, id, store, customer, .. } = self;
        pb::CartExpired {
            realm: realm.to_string(),
            cart: id.to_string(),
            store: store.map(String::from).unwrap_or_default(),
            customer: customer.map(String::from).unwrap_or_default(),
            at: Some(timestamp(self.expires_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle() -> Idle {
        let at = DateTime::UNIX_EPOCH;
        Idle {
            realm: RealmId::new(at),
            id: CartId::new(at),
            store: Some(StoreId::new(at)),
            customer: Some(CustomerId::new(at)),
            version: 1,
            updated_at: at,
            expires_at: at + TimeDelta::days(7),
            abandoned_at: None,
            filled: true,
            reminded: false,
        }
    }

    /// CA-2: half an hour to the microsecond, told once for each time it is left alone; expired at its time.
    #[test]
    fn fates_have_sharp_edges() {
        let (cart, tick) = (idle(), TimeDelta::microseconds(1));
        let (left_at, end) = (cart.updated_at + PATIENCE, cart.expires_at);
        assert_eq!(cart.fate(left_at - tick), Fate::Waits(left_at));
        assert_eq!(cart.fate(left_at), Fate::Abandoned(left_at));
        let told = Idle { abandoned_at: Some(left_at), ..cart.clone() };
        assert_eq!(told.fate(end - tick), Fate::Waits(end));
        assert_eq!(told.fate(end), Fate::Expired);
        let touched = Idle { updated_at: left_at + tick, ..told };
        assert_eq!(touched.fate(left_at + tick), Fate::Waits(left_at + tick + PATIENCE), "it counts anew");
        let empty = Idle { filled: false, ..cart };
        assert_eq!(empty.fate(left_at), Fate::Waits(end), "in an empty one nothing was left");
    }

    /// CA-2: an owner is reminded once for a cart, and not of what is long past.
    #[test]
    fn reminders_are_few() {
        let (cart, tick) = (idle(), TimeDelta::microseconds(1));
        let left_at = cart.updated_at + PATIENCE;
        assert!(cart.reminder(left_at, left_at).is_some());
        assert!(cart.reminder(left_at, left_at + USEFUL - tick).is_some());
        assert!(cart.reminder(left_at, left_at + USEFUL).is_none());
        assert!(Idle { reminded: true, ..cart.clone() }.reminder(left_at, left_at).is_none());
        assert!(Idle { customer: None, ..cart }.reminder(left_at, left_at).is_none());
    }
}
