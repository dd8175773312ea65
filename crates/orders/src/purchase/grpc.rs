//! The RPC of purchases: authorise, parse, call, encode.
use kit::{
    Call, Db,
    page::{self, Pager},
    permission::Permission,
    reads::Reads,
};
use proto::orders::v1::{ListPurchasesRequest, ListPurchasesResponse, purchase_service_server::PurchaseService};
use tonic::{Request, Response, Status};

use super::list::{self, Row, Whose};
use crate::error::Error;

/// Answers [`PurchaseService`].
#[derive(Clone)]
pub struct Purchases {
    /// The database.
    pub db: Db,
    /// Makes cursors.
    pub pager: Pager,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
}

#[tonic::async_trait]
impl PurchaseService for Purchases {
    async fn list_purchases(
        &self,
        request: Request<ListPurchasesRequest>,
    ) -> Result<Response<ListPurchasesResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        actor.require(Permission::OrdersRead)?;
        let request = request.into_inner();
        let customer = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let whose = Whose { realm: actor.realm()?, store: actor.store, customer };
        let context = format!("purchases {whose:?}");
        let page = self.pager.read(request.page.as_ref(), &context).map_err(Error::from)?;
        let found = list::page(self.db.pool(), &whose, &page).await?;
        let (found, mut shown) = self.pager.finish(&page, found, &context, Row::key);
        if page.total {
            shown.total = page::total(list::count(self.db.pool(), &whose).await?);
        }
        self.reads.note(&call, Some(customer));
        let purchases = found.into_iter().map(Into::into).collect();
        Ok(Response::new(ListPurchasesResponse { purchases, page: Some(shown) }))
    }
}
