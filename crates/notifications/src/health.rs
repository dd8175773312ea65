//! Whether a channel works just now, for those who could take another one (ID-3).
use chrono::TimeDelta;
use kit::{Call, Db, clock::Clock};
use proto::notifications::v1::{self as pb, channel_service_server::ChannelService};
use tonic::{Request, Response, Status};

use crate::{error::Error, message::Channel, store};

/// How long a channel that failed is taken to be down, unless something goes out before.
const DOWN: TimeDelta = TimeDelta::minutes(5);

/// The RPCs about channels.
pub struct ChannelStates {
    /// The service's database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

#[tonic::async_trait]
impl ChannelService for ChannelStates {
    async fn get_channel(&self, request: Request<pb::GetChannelRequest>) -> Result<Response<pb::Channel>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let channel = Channel::parse(&request.get_ref().channel);
        let channel = channel.ok_or_else(|| kit::Error::invalid("/channel", "unknown", "no such channel"))?;
        let earliest = self.clock.now() - DOWN;
        let works = store::works(self.db.pool(), channel, earliest).await.map_err(Error::from)?;
        Ok(Response::new(pb::Channel { works }))
    }
}
