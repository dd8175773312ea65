//! The RPCs of campaigns: authorise, parse, ask, open tx, call, encode.
use std::sync::Arc;

use kit::{
    Call, Db, clock::Clock, ids::CampaignId, page::Pager, permission::Permission, stores::Stores, transport::Transport,
};
use proto::{
    base::v1::Filter,
    customers::v1::recipient_service_client::RecipientServiceClient,
    notifications::v1::{self as pb, campaign_service_server::CampaignService},
};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    Campaign,
    begin::{BeginCampaign, Wanted, begin_campaign},
    cancel::cancel_campaign,
    list::ListCampaigns,
    preview::preview,
    store,
};
use crate::{
    error::Error,
    letter::{Letter, write::sender},
};

/// The server of these RPCs.
pub struct Campaigns {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) stores: Stores,
    pub(crate) recipients: RecipientServiceClient<Transport>,
    /// Where the house is reached.
    pub(crate) house: String,
    /// Wakes who carries them out.
    pub(crate) asked: Arc<Notify>,
}

fn parse(id: &str) -> Result<CampaignId, Error> {
    id.parse().map_err(|_| Error::CampaignNotFound)
}

impl Campaigns {
    async fn wanted(
        &self,
        call: &Call,
        (store, letter): (&str, Option<&pb::LetterText>),
        (filter, segment): (Option<Filter>, &str),
    ) -> Result<Wanted, Error> {
        let actor = call.actor()?;
        actor.require(Permission::MessagesWrite)?;
        actor.require(Permission::CustomersRead)?;
        let letter = Letter::parse(letter)?;
        let from = sender(&self.stores, actor, store).await?;
        Ok(Wanted { from, letter, filter, segment: segment.to_owned() })
    }

    async fn told(&self, campaign: Campaign) -> Result<pb::Campaign, Error> {
        let uncounted: Vec<_> = campaign.is_uncounted().then_some(campaign.id).into_iter().collect();
        let tallies = store::tallies(self.db.pool(), campaign.realm, &uncounted).await?;
        Ok(campaign.told(&tallies))
    }
}

#[tonic::async_trait]
impl CampaignService for Campaigns {
    async fn begin_campaign(
        &self,
        request: Request<pb::BeginCampaignRequest>,
    ) -> Result<Response<pb::Campaign>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let whom = (request.filter.clone(), request.segment.as_str());
        let wanted = self.wanted(&call, (&request.store, request.letter.as_ref()), whom).await?;
        let input = BeginCampaign::parse(&request, wanted, &call, self.clock.now())?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let settled = input.wanted.settle(&self.recipients, &call).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let campaign = begin_campaign(&mut tx, (&call, &self.clock), (input, settled)).await?;
        let answer = tx.answer(campaign.told(&[])).await?;
        self.asked.notify_one();
        Ok(answer)
    }

    async fn preview_campaign(
        &self,
        request: Request<pb::PreviewCampaignRequest>,
    ) -> Result<Response<pb::CampaignPreview>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let whom = (request.filter, request.segment.as_str());
        let wanted = self.wanted(&call, (&request.store, request.letter.as_ref()), whom).await?;
        let settled = wanted.settle(&self.recipients, &call).await?;
        let store = self.stores.get(wanted.from.1).await?;
        Ok(Response::new(preview(&wanted.letter, &settled, (&store, &self.house))?))
    }

    async fn get_campaign(&self, request: Request<pb::GetCampaignRequest>) -> Result<Response<pb::Campaign>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::MessagesRead)?;
        let place = (actor.realm()?, actor.store);
        let found = store::find(self.db.pool(), place, parse(&request.get_ref().id)?).await.map_err(Error::from)?;
        Ok(Response::new(self.told(found.ok_or(Error::CampaignNotFound)?).await?))
    }

    async fn list_campaigns(
        &self,
        request: Request<pb::ListCampaignsRequest>,
    ) -> Result<Response<pb::ListCampaignsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::MessagesRead)?;
        let list = ListCampaigns::parse(request.get_ref(), actor, &self.pager)?;
        let rows = store::list(self.db.pool(), list.place, &list.page, list.from).await.map_err(Error::from)?;
        let (rows, page) = list.finish(&self.pager, rows);
        let uncounted = rows.iter().filter(|campaign| campaign.is_uncounted());
        let ids: Vec<_> = uncounted.map(|campaign| campaign.id).collect();
        let tallies = store::tallies(self.db.pool(), list.place.0, &ids).await.map_err(Error::from)?;
        let campaigns = rows.into_iter().map(|campaign| campaign.told(&tallies)).collect();
        Ok(Response::new(pb::ListCampaignsResponse { campaigns, page: Some(page) }))
    }

    async fn cancel_campaign(
        &self,
        request: Request<pb::CancelCampaignRequest>,
    ) -> Result<Response<pb::Campaign>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::MessagesWrite)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let campaign = cancel_campaign(&mut tx, (&call, &self.clock), id, self.clock.now()).await?;
        let tallies = store::tallies(&mut *tx, campaign.realm, &[campaign.id]).await.map_err(Error::from)?;
        Ok(tx.answer(campaign.told(&tallies)).await?)
    }
}
