//! Time, passed in everywhere so that every timed rule can be tested at its edge (PL-6).
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use prost_types::Timestamp;

/// Where the present comes from. Clones share one source.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    System { offset: TimeDelta },
    Manual(Mutex<DateTime<Utc>>),
}

impl Clock {
    /// The system's clock, moved by `offset`; an offset other than zero is for tests of skew.
    #[must_use]
    pub fn system(offset: TimeDelta) -> Self {
        Self(Arc::new(Source::System { offset }))
    }

    /// A clock that stands still until it is moved with [`Clock::advance`].
    #[must_use]
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Source::Manual(Mutex::new(at))))
    }

    /// The present, in whole microseconds, which is what PostgreSQL keeps.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &*self.0 {
            Source::System { offset } => Utc::now() + *offset,
            Source::Manual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }

    /// The present for what processes with different clocks have to agree on, such as a lease: `None` leaves it to the
    /// database, whose clock they share. SQL reads it as `coalesce($1, statement_timestamp())`.
    #[must_use]
    pub fn shared(&self) -> Option<DateTime<Utc>> {
        match &*self.0 {
            Source::System { .. } => None,
            Source::Manual(_) => Some(self.now()),
        }
    }

    /// Moves a manual clock; a system clock stays.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Manual(at) = &*self.0 {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// `at` as protobuf writes it.
#[must_use]
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: at.timestamp_subsec_nanos().cast_signed() }
}

/// `at` as Rust reads it; `None` when it is out of range.
#[must_use]
pub fn datetime(at: &Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
}
