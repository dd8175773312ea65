//! The RPCs of recipients: authorise, parse, call, encode.
use kit::{Call, Db, clock::Clock};
use proto::customers::v1::{self as pb, recipient_service_server::RecipientService};
use tonic::{Request, Response, Status};

use super::{
    list::{ListRecipients, list_recipients, scope},
    recipient::Way,
    settle::{Settle, settle, wanted},
};
use crate::{
    Error,
    customer::{Scope, store},
    segment::named::named,
};

/// The server of these RPCs.
pub struct Recipients {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

#[tonic::async_trait]
impl RecipientService for Recipients {
    async fn get_recipient(
        &self,
        request: Request<pb::GetRecipientRequest>,
    ) -> Result<Response<pb::Recipient>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.into_inner();
        let way = Way::parse(&request.channel, request.marketing)?;
        let unknown = |_| Error::CustomerNotFound;
        let scope = scope(request.realm.parse().map_err(unknown)?, request.store.parse().map_err(unknown)?);
        let customer = request.customer.parse().map_err(unknown)?;
        let known = store::find(self.db.pool(), scope, customer).await?.ok_or(Error::CustomerNotFound)?;
        Ok(Response::new(way.told(known.customer)))
    }

    async fn list_recipients(
        &self,
        request: Request<pb::ListRecipientsRequest>,
    ) -> Result<Response<pb::ListRecipientsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let input = ListRecipients::parse(request.get_ref(), self.clock.now())?;
        Ok(Response::new(list_recipients(self.db.pool(), &input).await?))
    }

    async fn settle_recipients(
        &self,
        request: Request<pb::SettleRecipientsRequest>,
    ) -> Result<Response<pb::SettledRecipients>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let (actor, request) = (call.actor()?, request.get_ref());
        let saved = named(self.db.pool(), Scope::of(actor)?, wanted(request).as_ref()).await?;
        let input = Settle::parse(request, actor, &saved, now)?;
        Ok(Response::new(settle(self.db.pool(), input, now).await?))
    }
}
