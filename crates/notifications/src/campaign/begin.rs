//! Begins to write to many.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Error as KitError, Tx,
    address::line,
    audit::{self, Entry},
    clock::{Clock, datetime},
    failure::Violation,
    ids::{CampaignId, RealmId, SegmentId, StoreId},
    transport::Transport,
};
use prost::Message as _;
use proto::{
    customers::v1::{SettleRecipientsRequest, SettledRecipients, recipient_service_client::RecipientServiceClient},
    notifications::v1 as pb,
};
use sqlx::types::Json;

use super::{Campaign, State, store};
use crate::{error::Error, letter::Letter};

/// Most of a customer base that are under way at once.
const MOST: i64 = 10;
/// Longest name, in characters.
const LONGEST: usize = 100;
/// How long beforehand one may be begun.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// To whom somebody wants to write, and what.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Customer base, and the store in whose name it goes.
    pub from: (RealmId, StoreId),
    /// What.
    pub letter: Letter,
    /// To whom.
    pub filter: Option<proto::base::v1::Filter>,
    /// The same as a segment; empty without.
    pub segment: String,
}

impl Wanted {
    /// What the filter stands for and how many it finds, on the word of whoever sent `call`.
    pub async fn settle(
        &self,
        recipients: &RecipientServiceClient<Transport>,
        call: &Call,
    ) -> Result<SettledRecipients, Error> {
        let asked = SettleRecipientsRequest {
            store: self.from.1.into(),
            filter: self.filter.clone(),
            segment: self.segment.clone(),
            channel: self.letter.channel.slug().to_owned(),
            marketing: self.letter.is_marketing(),
        };
        Ok(recipients.clone().settle_recipients(call.forward(asked)).await.map_err(KitError::from)?.into_inner())
    }
}

/// A campaign to begin.
#[derive(Clone, Debug)]
pub struct BeginCampaign {
    /// To whom, and what.
    pub wanted: Wanted,
    name: String,
    segment: Option<SegmentId>,
    send_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl BeginCampaign {
    /// Reads a request for what is `wanted`; it needs an idempotency key, or many would be written to twice.
    pub fn parse(
        request: &pb::BeginCampaignRequest,
        wanted: Wanted,
        call: &Call,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let mut faults = Vec::new();
        let name = line("/name", &request.name, LONGEST, &mut faults);
        if name.is_empty() {
            faults.push(Violation::new("/name", "required", "a campaign has a name"));
        }
        let send_at = request.send_at.as_ref().map(datetime);
        let late = send_at.is_some_and(|at| at.is_none_or(|at| at > now + AHEAD));
        if late {
            faults.push(Violation::new("/send_at", "out_of_range", "it begins within a year"));
        }
        if !faults.is_empty() {
            return Err(KitError::Invalid(faults).into());
        }
        // Whether there is such a segment, customers finds out.
        let segment = wanted.segment.parse().ok();
        Ok(Self { wanted, name, segment, send_at: send_at.flatten(), now })
    }
}

/// The campaign, which waits for its time. The audit is told of it.
pub async fn begin_campaign(
    tx: &mut Tx,
    (call, clock): (&Call, &Clock),
    (input, settled): (BeginCampaign, SettledRecipients),
) -> Result<Campaign, Error> {
    let BeginCampaign { wanted: Wanted { from: (realm, store), letter, .. }, name, segment, send_at, now } = input;
    if store::under_way(tx, realm).await? >= MOST {
        return Err(Error::TooManyCampaigns);
    }
    let later = send_at.filter(|at| *at > now);
    let campaign = Campaign {
        realm,
        id: CampaignId::new(now),
        store,
        name,
        channel: letter.channel,
        purpose: letter.purpose,
        subject: letter.subject,
        text: letter.text,
        segment,
        filter: Some(settled.filter.unwrap_or_default().encode_to_vec()),
        state: State::Queued,
        failure: String::new(),
        found: settled.found,
        looked_at: 0,
        inactive: 0,
        no_address: 0,
        no_consent: 0,
        tally: Json(Vec::new()),
        after: None,
        is_listed: false,
        send_at: later.unwrap_or(now),
        attempts: 0,
        created_by: call.actor()?.subject.clone(),
        created_at: now,
        ended_at: None,
    };
    store::insert(tx, &campaign, later.or_else(|| clock.shared())).await?;
    let entry = Entry::new("campaign.begun", ("campaign", campaign.id), now).within(realm, Some(store));
    audit::record(tx, call, entry.created(campaign.audited()))?;
    Ok(campaign)
}
