//! A message: what it is, how long it is tried, how the log shows it.
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{CampaignId, CustomerId, MessageId, RealmId, StoreId},
    personal::redact,
};
use proto::notifications::v1 as pb;
use sqlx::types::Json;

use crate::template::Template;

/// Why a message to a device is given up that its push service no longer knows.
pub const UNREGISTERED: &str = "unregistered";
/// The longest pause between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// What a message travels by (NO-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// Push message to a device.
    Push,
}

impl Channel {
    /// Reads its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Email, Self::Sms, Self::Push].into_iter().find(|channel| channel.slug() == text)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
        }
    }
}

/// How far a message is (NO-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// Waits to be sent.
    Queued,
    /// Left the house.
    Sent,
    /// Arrived.
    Delivered,
    /// Came back.
    Bounced,
    /// Was given up.
    Failed,
}

impl Status {
    /// Reads its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Queued, Self::Sent, Self::Delivered, Self::Bounced, Self::Failed];
        all.into_iter().find(|status| status.slug() == text)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
        }
    }
}

/// What a message is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// What somebody bought or asked for.
    #[default]
    Service,
    /// What a store would like to sell: with consent only (CU-16).
    Marketing,
}

impl Purpose {
    /// Reads its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Service, Self::Marketing].into_iter().find(|purpose| purpose.slug() == text)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Marketing => "marketing",
        }
    }
}

/// A message to queue.
pub struct Queued {
    /// Customer base.
    pub realm: RealmId,
    /// Chosen by the sender.
    pub id: MessageId,
    /// In whose name it goes.
    pub store: StoreId,
    /// Whom it is to, when there is a record.
    pub customer: Option<CustomerId>,
    /// What it travels by.
    pub channel: Channel,
    /// What it says.
    pub template: Template,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is a part of.
    pub campaign: Option<CampaignId>,
    /// What it is about, an id.
    pub reference: Option<String>,
    /// Where it goes, unless that follows from the reference.
    pub recipient: Option<String>,
    /// Values for the template.
    pub data: BTreeMap<String, String>,
    /// Secret values, sealed.
    pub secrets: Option<Vec<u8>>,
    /// When.
    pub now: DateTime<Utc>,
    /// The same by the clock that processes share.
    pub due: Option<DateTime<Utc>>,
}

/// A message of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of the proto's Message")]
pub struct Message {
    pub realm_id: RealmId,
    pub id: MessageId,
    pub store_id: StoreId,
    pub customer_id: Option<CustomerId>,
    pub channel: Channel,
    pub template: Template,
    pub purpose: Purpose,
    pub campaign_id: Option<CampaignId>,
    pub reference: Option<String>,
    pub recipient: Option<String>,
    pub subject: String,
    pub content: String,
    pub data: Json<BTreeMap<String, String>>,
    pub secrets: Option<Vec<u8>>,
    pub status: Status,
    pub failure: Option<String>,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
}

/// A step of a message.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Step {
    /// Whose.
    pub message_id: MessageId,
    /// Status after it.
    pub status: Status,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why a message could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It may work later. The words are for the operator.
    #[error("it may work later: {0}")]
    Passing(String),
    /// It may work later, and whoever takes it asks for a pause.
    #[error("it may work later: {0}")]
    Held(String, TimeDelta),
    /// It never will. A slug.
    #[error("it cannot be sent: {0}")]
    Lasting(&'static str),
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Try again after this pause.
    Retry(TimeDelta),
    /// Give it up, for this reason.
    GiveUp(&'static str),
}

impl Message {
    /// What follows from `trouble` with the attempt counted last: the pause doubles from two seconds up to an hour,
    /// until the message is of no use any more.
    #[must_use]
    pub fn after(&self, trouble: &Trouble, now: DateTime<Utc>) -> Verdict {
        let end = self.created_at + self.template.useful();
        let pause = TimeDelta::seconds(1_i64 << self.attempts.clamp(1, 12));
        let pause = match trouble {
            Trouble::Lasting(reason) => return Verdict::GiveUp(reason),
            Trouble::Held(_, wait) => pause.max(*wait),
            Trouble::Passing(_) => pause,
        };
        let pause = pause.min(LONGEST_PAUSE);
        if now + pause >= end { Verdict::GiveUp("gave_up") } else { Verdict::Retry(pause) }
    }

    /// Whether it needs consent when it is sent (CU-16).
    #[must_use]
    pub fn is_marketing(&self) -> bool {
        self.purpose == Purpose::Marketing || self.template == Template::CartAbandoned
    }

    /// The message as callers see it; masked for those who may not see personal data (ID-23).
    #[must_use]
    pub fn tell(self, steps: &[Step], sees_pii: bool) -> pb::Message {
        let mine = steps.iter().filter(|step| step.message_id == self.id);
        let events = mine.map(|s| pb::MessageEvent { status: s.status.slug().to_owned(), at: Some(timestamp(s.at)) });
        let purpose = if self.is_marketing() { Purpose::Marketing } else { Purpose::Service };
        let message = pb::Message {
            id: self.id.into(),
            realm: self.realm_id.into(),
            store: self.store_id.into(),
            customer: self.customer_id.map(String::from).unwrap_or_default(),
            channel: self.channel.slug().to_owned(),
            template: self.template.slug().to_owned(),
            to: self.recipient.unwrap_or_default(),
            subject: self.subject,
            content: self.content,
            status: self.status.slug().to_owned(),
            events: events.collect(),
            created_at: Some(timestamp(self.created_at)),
            redacted: Vec::new(),
            failure: self.failure.unwrap_or_default(),
            purpose: purpose.slug().to_owned(),
            campaign: self.campaign_id.map(String::from).unwrap_or_default(),
        };
        if sees_pii { message } else { redact(message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(template: Template, attempts: i32) -> Message {
        let created_at = DateTime::UNIX_EPOCH;
        Message {
            realm_id: RealmId::new(created_at),
            id: MessageId::new(created_at),
            store_id: StoreId::new(created_at),
            customer_id: None,
            channel: Channel::Email,
            template,
            purpose: Purpose::Service,
            campaign_id: None,
            reference: None,
            recipient: Some("ada@example.com".to_owned()),
            subject: "Hello Ada".to_owned(),
            content: "Dear Ada".to_owned(),
            data: Json(BTreeMap::new()),
            secrets: None,
            status: Status::Queued,
            failure: None,
            attempts,
            created_at,
        }
    }

    fn passing() -> Trouble {
        Trouble::Passing("connection refused".to_owned())
    }

    /// NO-1: what fails for ever is given up at once, what may pass is tried again ever more slowly, for a day.
    #[test]
    fn the_pause_doubles_up_to_an_hour_and_ends_after_a_day() {
        let start = DateTime::UNIX_EPOCH;
        let confirmation = |attempts| message(Template::OrderConfirmation, attempts);
        assert_eq!(confirmation(1).after(&passing(), start), Verdict::Retry(TimeDelta::seconds(2)));
        assert_eq!(confirmation(2).after(&passing(), start), Verdict::Retry(TimeDelta::seconds(4)));
        assert_eq!(confirmation(40).after(&passing(), start), Verdict::Retry(TimeDelta::hours(1)));
        assert_eq!(confirmation(1).after(&Trouble::Lasting("rejected"), start), Verdict::GiveUp("rejected"));
        let asked = |seconds| Trouble::Held("the provider is busy".to_owned(), TimeDelta::seconds(seconds));
        assert_eq!(confirmation(1).after(&asked(30), start), Verdict::Retry(TimeDelta::seconds(30)));
        assert_eq!(confirmation(1).after(&asked(86_400), start), Verdict::Retry(TimeDelta::hours(1)));
        let last = start + TimeDelta::hours(23);
        let before = last - TimeDelta::microseconds(1);
        assert!(matches!(confirmation(40).after(&passing(), before), Verdict::Retry(_)));
        assert_eq!(confirmation(40).after(&passing(), last), Verdict::GiveUp("gave_up"));
    }

    /// ID-6: a code lives ten minutes, so its message is not tried any longer than that.
    #[test]
    fn a_code_is_not_sent_when_it_is_dead() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let code = message(Template::RegistrationCode, 1);
        assert_eq!(code.after(&passing(), at(597)), Verdict::Retry(TimeDelta::seconds(2)));
        assert_eq!(code.after(&passing(), at(598)), Verdict::GiveUp("gave_up"));
    }

    /// ID-23: without customers.pii the recipient, the subject and the content are masked, and the answer says so.
    #[test]
    fn personal_data_is_masked() {
        let seen = message(Template::OrderConfirmation, 1).tell(&[], true);
        assert_eq!((seen.to.as_str(), seen.redacted.len()), ("ada@example.com", 0));
        let masked = message(Template::OrderConfirmation, 1).tell(&[], false);
        assert_eq!((masked.to.as_str(), masked.subject.as_str()), ("a***@example.com", "***"));
        assert_eq!((masked.content.as_str(), masked.redacted.len()), ("***", 3));
    }
}
