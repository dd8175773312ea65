//! A delivery: how long it is tried, what the log shows of it.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{HookDeliveryId, HookEventId, WebhookId},
};
use proto::notifications::v1 as pb;

/// Pauses behind the first attempt, the second and so on: after the last of them a delivery is given up, more than a day
/// after it began.
const PAUSES: [TimeDelta; 7] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(10),
];
/// The longest pause that a receiver can ask for.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(24);
/// How long deliveries are kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Waits to be sent.
    Pending,
    /// The receiver has it.
    Delivered,
    /// Was given up.
    Failed,
}

impl State {
    /// Reads its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed].into_iter().find(|state| state.slug() == text)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// A delivery of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of the proto's HookDelivery")]
pub struct HookDelivery {
    pub webhook_id: WebhookId,
    pub id: HookDeliveryId,
    pub event_id: HookEventId,
    pub name: String,
    pub state: State,
    pub attempts: i32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub status: Option<i32>,
    pub error: Option<String>,
}

/// An attempt of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// Status of the answer, if there was one.
    pub status: Option<i32>,
    /// How long it took.
    pub ms: i32,
    /// Why it failed, a slug.
    pub error: Option<String>,
}

impl HookDelivery {
    /// As the API tells it.
    #[must_use]
    pub fn told(self, body: String, log: Vec<Attempt>) -> pb::HookDelivery {
        pb::HookDelivery {
            id: self.id.into(),
            webhook: self.webhook_id.into(),
            event_id: self.event_id.into(),
            event: self.name,
            state: self.state.slug().to_owned(),
            attempts: self.attempts.try_into().unwrap_or_default(),
            next_attempt_at: self.next_attempt_at.map(timestamp),
            created_at: Some(timestamp(self.created_at)),
            settled_at: self.settled_at.map(timestamp),
            status: code(self.status),
            error: self.error.unwrap_or_default(),
            body,
            log: log.into_iter().map(Attempt::told).collect(),
        }
    }
}

impl Attempt {
    fn told(self) -> pb::HookAttempt {
        pb::HookAttempt {
            at: Some(timestamp(self.at)),
            status: code(self.status),
            ms: self.ms.try_into().unwrap_or_default(),
            error: self.error.unwrap_or_default(),
        }
    }
}

fn code(status: Option<i32>) -> u32 {
    status.and_then(|status| status.try_into().ok()).unwrap_or_default()
}

/// How long to wait behind the attempt with this number, the first being 1; `None` when it was the last. `wait` is what
/// the receiver asked for; `chance` spreads those that failed together over a tenth of the pause.
#[must_use]
pub fn pause(attempts: i32, wait: Option<TimeDelta>, chance: u8) -> Option<TimeDelta> {
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let pause = *PAUSES.get(place)?;
    let pause = pause + TimeDelta::milliseconds(pause.num_milliseconds() * i64::from(chance) / 2560);
    Some(pause.max(wait.unwrap_or_default()).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NO-5: a delivery is tried for more than a day, ever more slowly; what the receiver asks for is kept to.
    #[test]
    fn retries_go_on_for_a_day() {
        let pauses: Vec<_> = (1..).map_while(|attempts| pause(attempts, None, 0)).collect();
        assert_eq!(pauses, PAUSES);
        assert!(pauses.iter().sum::<TimeDelta>() >= TimeDelta::hours(24));
        assert_eq!(pause(8, None, 0), None);
        assert_eq!(pause(8, Some(TimeDelta::seconds(1)), 0), None, "the last was the last");
        assert_eq!(pause(1, Some(TimeDelta::minutes(2)), 0), Some(TimeDelta::minutes(2)));
        assert_eq!(pause(4, Some(TimeDelta::minutes(2)), 0), Some(TimeDelta::hours(2)), "never earlier than planned");
        assert_eq!(pause(1, Some(TimeDelta::days(400)), 0), Some(TimeDelta::hours(24)));
        let spread = pause(2, None, u8::MAX).unwrap_or_default();
        assert!(spread > TimeDelta::minutes(5) && spread < TimeDelta::seconds(330), "{spread}");
    }
}
