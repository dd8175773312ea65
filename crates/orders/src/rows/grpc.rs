//! The RPCs of rows.
use kit::{Call, Db, clock::Clock, permission::Permission, rows, rows::Desk};
use proto::{
    base::v1::{CheckRowsRequest, CheckRowsResponse, ListRowsRequest, ListRowsResponse},
    orders::v1::rows_service_server::RowsService,
};
use tonic::{Request, Response, Status};

use super::list::{List, MOST};
use crate::error::Error;

/// Answers [`RowsService`].
#[derive(Clone)]
pub struct Rows {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
}

#[tonic::async_trait]
impl RowsService for Rows {
    async fn check_rows(&self, request: Request<CheckRowsRequest>) -> Result<Response<CheckRowsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersRead).map_err(Error::from)?;
        let desk = Desk::of(actor, self.clock.now()).map_err(Error::from)?;
        let list = List::parse(&request.into_inner().rows.unwrap_or_default(), &desk)?;
        Ok(Response::new(CheckRowsResponse { columns: list.columns() }))
    }

    async fn list_rows(&self, request: Request<ListRowsRequest>) -> Result<Response<ListRowsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let desk = Desk::told(call.actor()?, &request).map_err(Error::from)?;
        let page = rows::page(&request, MOST).map_err(Error::from)?;
        let list = List::parse(&request.rows.unwrap_or_default(), &desk)?;
        // What takes too long to be counted is told page by page all the same.
        let total = if page.total { list.count(self.db.pool()).await.unwrap_or_default() } else { 0 };
        let (rows, next) = list.page(self.db.pool(), &page, &desk).await?;
        Ok(Response::new(ListRowsResponse { rows, next, total }))
    }
}
