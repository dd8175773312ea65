//! The RPC of gifts: authorise, parse, call, encode.
use kit::{Call, Db};
use proto::orders::v1::{GetGiftLetterRequest, GiftLetter, gift_service_server::GiftService};
use tonic::{Request, Response, Status};

use super::store;
use crate::error::Error;

/// Answers [`GiftService`].
#[derive(Clone)]
pub struct Gifts {
    /// The database.
    pub db: Db,
}

#[tonic::async_trait]
impl GiftService for Gifts {
    async fn get_gift_letter(&self, request: Request<GetGiftLetterRequest>) -> Result<Response<GiftLetter>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let GetGiftLetterRequest { realm, order, line } = request.into_inner();
        let realm = realm.parse().map_err(|_| Error::OrderNotFound)?;
        let order = order.parse().map_err(|_| Error::OrderNotFound)?;
        let line = line.parse().map_err(|_| Error::OrderNotFound)?;
        let letter = store::letter(self.db.pool(), realm, (order, line)).await?;
        Ok(Response::new(letter.ok_or(Error::OrderNotFound)?))
    }
}
