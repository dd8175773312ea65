//! A list of campaigns as it was asked for.
use chrono::{DateTime, Utc};
use kit::{
    Error,
    actor::Actor,
    ids::CampaignId,
    page::{Page, Pager},
};
use proto::notifications::v1 as pb;

use super::{Campaign, store::Place};
use crate::list::place;

/// Which page of whose campaigns.
pub struct ListCampaigns {
    /// Whose.
    pub place: Place,
    /// Which page of them.
    pub page: Page,
    /// The row it starts at.
    pub from: Option<(DateTime<Utc>, CampaignId)>,
    context: String,
}

impl ListCampaigns {
    /// Reads the request of `actor`, who sees those of their store, or of all stores of their network.
    pub fn parse(request: &pb::ListCampaignsRequest, actor: &Actor, pager: &Pager) -> Result<Self, Error> {
        let whose = (actor.realm()?, actor.store);
        let context = format!("campaigns {whose:?}");
        let page = pager.read(request.page.as_ref(), &context)?;
        let from = page.cursor.as_ref().map(|cursor| place(&cursor.key)).transpose()?;
        let from = from.map(|(at, id)| (at, CampaignId::from_uuid(id)));
        Ok(Self { place: whose, page, from, context })
    }

    /// The page made of `rows`.
    #[must_use]
    pub fn finish(&self, pager: &Pager, rows: Vec<Campaign>) -> (Vec<Campaign>, proto::base::v1::Page) {
        pager.finish(&self.page, rows, &self.context, |campaign| {
            vec![campaign.created_at.timestamp_micros().to_string(), campaign.id.uuid().to_string()]
        })
    }
}
