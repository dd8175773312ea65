//! Stops writing to many. What has left the house stays sent; what waits is not sent any more.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    clock::Clock,
    ids::CampaignId,
};

use super::{Campaign, State, store};
use crate::error::Error;

/// The campaign `id`, stopped. One that was stopped before stays so; one that has ended cannot be.
pub async fn cancel_campaign(
    tx: &mut Tx,
    (call, clock): (&Call, &Clock),
    id: CampaignId,
    now: DateTime<Utc>,
) -> Result<Campaign, Error> {
    let actor = call.actor()?;
    let place = (actor.realm()?, actor.store);
    let mut campaign = store::lock(tx, place, id).await?.ok_or(Error::CampaignNotFound)?;
    match campaign.state {
        State::Cancelled => return Ok(campaign),
        State::Done | State::Failed => return Err(Error::CampaignEnded),
        State::Queued | State::Sending => {}
    }
    let before = campaign.state.slug();
    campaign.end(State::Cancelled, "", now);
    store::save(tx, &campaign, (clock, TimeDelta::zero())).await?;
    let entry = Entry::new("campaign.cancelled", ("campaign", id), now).within(campaign.realm, Some(campaign.store));
    let after = json!({ "state": campaign.state.slug(), "looked_at": campaign.looked_at });
    audit::record(tx, call, entry.changed(json!({ "state": before }), after))?;
    Ok(campaign)
}
