//! A session: whose, how it was opened, how long it lasts.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    actor::{self, FACTORS},
    assertion::Act,
    ids::{CustomerId, RealmId, SessionId, StaffId},
};
use uuid::Uuid;

/// A session that was used less than this ago is not written again.
pub const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// Kinds of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// A customer's, in one realm.
    Customer,
    /// A staff member's.
    Staff,
}

impl Kind {
    /// What tokens of this kind start with, before the underscore.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }

    /// How long it lasts without being used.
    #[must_use]
    pub const fn idle(self) -> TimeDelta {
        match self {
            Self::Customer => TimeDelta::days(90),
            Self::Staff => TimeDelta::hours(12),
        }
    }

    /// How long it lasts however much it is used; customers' last for ever.
    #[must_use]
    pub const fn longest(self) -> Option<TimeDelta> {
        match self {
            Self::Customer => None,
            Self::Staff => Some(TimeDelta::hours(24)),
        }
    }
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A customer of a realm.
    Customer(RealmId, CustomerId),
    /// A staff member.
    Staff(StaffId),
}

impl Subject {
    /// The kind of their sessions.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Customer(..) => Kind::Customer,
            Self::Staff(_) => Kind::Staff,
        }
    }

    /// Their customer base.
    #[must_use]
    pub const fn realm(self) -> Option<RealmId> {
        match self {
            Self::Customer(realm, _) => Some(realm),
            Self::Staff(_) => None,
        }
    }

    /// The UUID of their id.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Customer(_, id) => id.uuid(),
            Self::Staff(id) => id.uuid(),
        }
    }

    /// Their id in text.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Customer(_, id) => id.into(),
            Self::Staff(id) => id.into(),
        }
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub subject: Subject,
    /// How the person proved who they are.
    pub methods: Vec<String>,
    /// When they did.
    pub authenticated_at: DateTime<Utc>,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
    /// When it ends however much it is used.
    pub ends_at: Option<DateTime<Utc>>,
    /// Who really acts, in a session in somebody else's name (ID-25).
    pub acting: Option<Acting>,
}

/// Who really acts in a session in a customer's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Who.
    pub staff: StaffId,
    /// Their own session.
    pub session: SessionId,
    /// Why.
    pub reason: String,
}

impl From<Acting> for Act {
    fn from(acting: Acting) -> Self {
        let Acting { staff, session, reason } = acting;
        Self { kind: actor::Kind::Staff, sub: staff.into(), session: session.into(), reason }
    }
}

impl Session {
    /// A session that starts at `now`.
    #[must_use]
    pub fn start(subject: Subject, methods: &[&str], now: DateTime<Utc>) -> Self {
        let kind = subject.kind();
        let ends_at = kind.longest().map(|longest| now + longest);
        Self {
            id: SessionId::new(now),
            subject,
            methods: methods.iter().map(|&method| method.to_owned()).collect(),
            authenticated_at: now,
            expires_at: now + kind.idle(),
            ends_at,
            acting: None,
        }
    }

    /// Whether a second factor was among what the person proved who they are with.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        self.methods.iter().any(|method| FACTORS.contains(&method.as_str()))
    }

    /// When it ends at the latest, as far as that is known.
    #[must_use]
    pub fn latest(&self) -> DateTime<Utc> {
        self.ends_at.unwrap_or(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-10, ID-20: customers stay signed in for 90 days from their last use, staff for 12 hours and a day at most.
    #[test]
    fn sessions_last_as_long_as_their_kind() {
        let now = DateTime::UNIX_EPOCH;
        let customer = Subject::Customer(RealmId::new(now), CustomerId::new(now));
        let (customer, staff) = (
            Session::start(customer, &["code"], now),
            Session::start(Subject::Staff(StaffId::new(now)), &["password"], now),
        );
        assert_eq!((customer.expires_at - now, customer.ends_at), (TimeDelta::days(90), None));
        assert_eq!((staff.expires_at - now, staff.latest() - now), (TimeDelta::hours(12), TimeDelta::hours(24)));
    }
}
