//! The RPCs about the person behind a record, for identity: authorise, parse, call, encode.
use kit::{Call, Db, clock::Clock};
use proto::customers::v1::{self as pb, person_service_server::PersonService};
use tonic::{Request, Response, Status};

use super::{
    change_contact::{ChangeContact, change_contact},
    encode::{Sum, encode},
    known::{FindKnown, find_known},
    shopper::{FindShopper, find_shopper},
};

/// The server of these RPCs.
pub struct Persons {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

#[tonic::async_trait]
impl PersonService for Persons {
    async fn change_contact(
        &self,
        request: Request<pb::ChangeContactRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let input = ChangeContact::parse(request.get_ref(), self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = change_contact(&mut tx, input).await?;
        Ok(tx.answer(encode(customer, &Sum::default())).await?)
    }

    async fn find_shopper(
        &self,
        request: Request<pb::FindShopperRequest>,
    ) -> Result<Response<pb::FindShopperResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let input = FindShopper::parse(request.get_ref())?;
        Ok(Response::new(find_shopper(self.db.pool(), &input).await?))
    }

    async fn find_known(
        &self,
        request: Request<pb::FindKnownRequest>,
    ) -> Result<Response<pb::FindKnownResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let input = FindKnown::parse(request.get_ref())?;
        Ok(Response::new(find_known(self.db.pool(), &input).await?))
    }
}
