//! The RPCs of rows.
use std::sync::Arc;

use kit::{
    Call,
    failure::Violation,
    permission::Permission,
    rows::{self, Column, Desk},
};
use proto::{
    base::v1::{CheckRowsRequest, CheckRowsResponse, ListRowsRequest, ListRowsResponse, RowsQuery},
    carts::v1::{Cart, rows_service_server::RowsService},
};
use tonic::{Request, Response, Status};

use super::column::{ALL, USUAL};
use crate::{
    Error,
    access::Person,
    catalog::Added,
    grpc::Carts,
    list::{self, Query},
    priced::Priced,
    view::show_to,
};

/// Most rows at once: their products are asked for together.
const MOST: u32 = 200;

/// Answers [`RowsService`].
pub struct Rows {
    pub(crate) carts: Arc<Carts>,
}

/// The open carts of `desk` that are asked for, with their columns.
fn asked(query: &RowsQuery, desk: &Desk) -> Result<(Query, Vec<&'static Column<Cart>>), Error> {
    if query.r#type != "open_carts" {
        return Err(Violation::new("/type", "unknown_value", "there is no such list here").into());
    }
    if !query.query.is_empty() {
        return Err(Violation::new("/q", "not_applicable", "this list has no search").into());
    }
    let found = Query::open((desk.realm, desk.store), query.filter.as_ref(), desk.at)?;
    Ok((found, rows::columns(ALL, USUAL, &query.columns)?))
}

#[tonic::async_trait]
impl RowsService for Rows {
    async fn check_rows(&self, request: Request<CheckRowsRequest>) -> Result<Response<CheckRowsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CartsRead).map_err(Error::from)?;
        let desk = Desk::of(actor, self.carts.clock.now()).map_err(Error::from)?;
        let (_, columns) = asked(&request.into_inner().rows.unwrap_or_default(), &desk)?;
        Ok(Response::new(CheckRowsResponse { columns: columns.iter().map(|column| column.name.to_owned()).collect() }))
    }

    async fn list_rows(&self, request: Request<ListRowsRequest>) -> Result<Response<ListRowsResponse>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let desk = Desk::told(call.actor()?, &request).map_err(Error::from)?;
        let page = rows::page(&request, MOST).map_err(Error::from)?;
        let (query, columns) = asked(&request.rows.unwrap_or_default(), &desk)?;
        let pool = self.carts.db.pool();
        // What takes too long to be counted is told page by page all the same.
        let total = if page.total { list::count_all(pool, &query).await.unwrap_or_default() } else { 0 };
        let mut found = list::page(pool, &query, &page).await?;
        let next = rows::cut(&page, &mut found, |cart| query.key(cart));
        let offers = self.carts.catalog.offers(&call, &found.iter().collect::<Vec<_>>(), Added::Nothing).await?;
        let person = if desk.pii { Person::Clear } else { Person::Masked };
        let show = |cart| Ok(show_to(person, cart, Priced::of(cart, &offers, query.now)?, query.now));
        let shown = found.iter().map(show).collect::<Result<Vec<_>, Error>>()?;
        Ok(Response::new(ListRowsResponse { rows: rows::rows(&columns, shown), next, total }))
    }
}
