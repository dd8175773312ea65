//! Something that is written to many, and how far it is.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    ids::{CampaignId, CustomerId, RealmId, SegmentId, StoreId},
};
use proto::notifications::v1 as pb;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;

use crate::{
    letter::Letter,
    message::{Channel, Purpose},
};

/// Why somebody was not to be written to, as messages that failed tell it.
const SKIPPED: [&str; 6] = ["no_consent", "no_address", "inactive", "suppressed", "cancelled", "customer_unknown"];

/// How far a campaign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Nobody was written to yet.
    Queued,
    /// It is under way.
    Sending,
    /// Everybody was written to.
    Done,
    /// Somebody stopped it.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether it goes no further.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// Something that is written to many.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Campaign {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: CampaignId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: StoreId,
    pub(crate) name: String,
    pub(crate) channel: Channel,
    pub(crate) purpose: Purpose,
    pub(crate) subject: String,
    pub(crate) text: String,
    #[sqlx(rename = "segment_id")]
    pub(crate) segment: Option<SegmentId>,
    /// To whom, as bytes of the settled filter; none once it is over.
    pub(crate) filter: Option<Vec<u8>>,
    pub(crate) state: State,
    pub(crate) failure: String,
    /// How many the filter found when it was begun …
    pub(crate) found: i64,
    /// … how many were looked at …
    pub(crate) looked_at: i64,
    /// … and how many of those were not written to, and why.
    pub(crate) inactive: i64,
    pub(crate) no_address: i64,
    pub(crate) no_consent: i64,
    /// What became of its messages, once it is done: they may be many to count.
    pub(crate) tally: Json<Vec<Tally>>,
    /// The last who was looked at.
    #[sqlx(rename = "after_id")]
    pub(crate) after: Option<CustomerId>,
    /// Whether nobody is left to look at.
    pub(crate) is_listed: bool,
    pub(crate) send_at: DateTime<Utc>,
    pub(crate) attempts: i32,
    pub(crate) created_by: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

/// How many messages of a campaign stand where, and why.
#[derive(Clone, Debug, Deserialize, Serialize, sqlx::FromRow)]
pub struct Tally {
    #[serde(skip, default = "nobody")]
    pub(crate) campaign_id: CampaignId,
    pub(crate) status: String,
    pub(crate) failure: String,
    pub(crate) count: i64,
}

/// Of a campaign that keeps its own tallies, which say nothing of whose they are.
const fn nobody() -> CampaignId {
    CampaignId::from_uuid(uuid::Uuid::nil())
}

impl Campaign {
    /// Whether its messages are still to be counted.
    #[must_use]
    pub fn is_uncounted(&self) -> bool {
        self.state != State::Done
    }

    /// What it says.
    #[must_use]
    pub fn letter(&self) -> Letter {
        Letter { channel: self.channel, purpose: self.purpose, subject: self.subject.clone(), text: self.text.clone() }
    }

    /// Counts somebody who is not written to.
    pub fn skip(&mut self, refusal: &str) {
        match refusal {
            "inactive" => self.inactive += 1,
            "no_address" => self.no_address += 1,
            _ => self.no_consent += 1,
        }
    }

    /// Ends it; to whom it went is forgotten.
    pub fn end(&mut self, state: State, failure: &str, now: DateTime<Utc>) {
        (self.state, self.ended_at, self.filter) = (state, Some(now), None);
        failure.clone_into(&mut self.failure);
    }

    /// What the audit is told: not what it says, nor to whom.
    #[must_use]
    pub fn audited(&self) -> Value {
        json!({
            "channel": self.channel.slug(),
            "purpose": self.purpose.slug(),
            "segment": self.segment.map(String::from),
            "recipients": self.found,
            "state": self.state.slug(),
        })
    }

    /// As callers see it, with the tallies of its messages unless it keeps them.
    #[must_use]
    pub fn told(self, tallies: &[Tally]) -> pb::Campaign {
        let mut skipped: HashMap<String, i64> = HashMap::new();
        for (reason, count) in
            [("inactive", self.inactive), ("no_address", self.no_address), ("no_consent", self.no_consent)]
        {
            skipped.insert(reason.to_owned(), count);
        }
        let (mut sent, mut waiting, mut failed) = (0, 0, 0);
        let counted = tallies.iter().filter(|tally| tally.campaign_id == self.id);
        for tally in counted.chain(&self.tally.0) {
            match tally.status.as_str() {
                "queued" => waiting += tally.count,
                "failed" if SKIPPED.contains(&tally.failure.as_str()) => {
                    *skipped.entry(tally.failure.clone()).or_default() += tally.count;
                }
                "failed" | "bounced" => failed += tally.count,
                _ => sent += tally.count,
            }
        }
        skipped.retain(|_, count| *count > 0);
        pb::Campaign {
            letter: Some(self.letter().into()),
            id: self.id.into(),
            realm: self.realm.into(),
            store: self.store.into(),
            name: self.name,
            segment: self.segment.map(String::from).unwrap_or_default(),
            state: self.state.slug().to_owned(),
            failure: self.failure,
            recipients: self.found,
            looked_at: self.looked_at,
            sent,
            waiting,
            failed,
            skipped,
            send_at: Some(timestamp(self.send_at)),
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            ended_at: self.ended_at.map(timestamp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NO-6: who looks at a campaign sees what became of everybody.
    #[test]
    fn everybody_is_counted_once() {
        let now = DateTime::UNIX_EPOCH;
        let mut campaign = Campaign {
            realm: RealmId::new(now),
            id: CampaignId::new(now),
            store: StoreId::new(now),
            name: "Spring".to_owned(),
            channel: Channel::Email,
            purpose: Purpose::Marketing,
            subject: "Spring".to_owned(),
            text: "Hello".to_owned(),
            segment: None,
            filter: Some(Vec::new()),
            state: State::Sending,
            failure: String::new(),
            found: 9,
            looked_at: 9,
            inactive: 0,
            no_address: 0,
            no_consent: 0,
            tally: Json(Vec::new()),
            after: None,
            is_listed: true,
            send_at: now,
            attempts: 0,
            created_by: "stf_1".to_owned(),
            created_at: now,
            ended_at: None,
        };
        campaign.skip("no_consent");
        campaign.skip("inactive");
        campaign.end(State::Done, "", now);
        assert_eq!((campaign.filter.as_ref(), campaign.state.is_over()), (None, true));
        let tally = |status: &str, failure: &str, count| Tally {
            campaign_id: campaign.id,
            status: status.to_owned(),
            failure: failure.to_owned(),
            count,
        };
        let other = Tally { campaign_id: CampaignId::new(now), ..tally("sent", "", 100) };
        let tallies = [
            tally("sent", "", 3),
            tally("queued", "", 1),
            tally("failed", "no_consent", 2),
            tally("failed", "rejected", 1),
            other,
        ];
        let told = campaign.told(&tallies);
        assert_eq!((told.sent, told.waiting, told.failed), (3, 1, 1));
        assert_eq!(told.skipped, HashMap::from([("no_consent".to_owned(), 3), ("inactive".to_owned(), 1)]));
        assert_eq!(told.sent + told.waiting + told.failed + told.skipped.values().sum::<i64>(), told.looked_at);
    }
}
