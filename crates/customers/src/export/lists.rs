//! Lists that other services own: they say what may be asked for, and tell the rows page by page (EX-1).
use std::time::Duration;

use kit::{Call, clock::timestamp, service::Env, transport::Transport};
use proto::{
    base::v1::{CheckRowsRequest, ListRowsRequest, ListRowsResponse, RowsQuery},
    carts::v1::rows_service_client::RowsServiceClient as Carts,
    orders::v1::rows_service_client::RowsServiceClient as Orders,
};
use tonic::Request;

use super::export::{Export, Owner};
use crate::{Error, NAME};

/// Largest page, in bytes: texts may be long.
const LARGEST: usize = 64 * 1024 * 1024;
/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ways to their owners. Clones share them.
#[derive(Clone)]
pub struct Lists {
    orders: Orders<Transport>,
    carts: Carts<Transport>,
}

impl Lists {
    /// From customers to each.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        Ok(Self {
            orders: Orders::new(env.peer(NAME, "orders")?).max_decoding_message_size(LARGEST),
            carts: Carts::new(env.peer(NAME, "carts")?).max_decoding_message_size(LARGEST),
        })
    }

    /// The columns that `query` asks for, when whoever sends `call` may have them: the owner of the list decides.
    pub async fn check(&self, call: &Call, (owner, query): (Owner, RowsQuery)) -> Result<Vec<String>, Error> {
        let request = call.forward(CheckRowsRequest { rows: Some(query) });
        let checked = match owner {
            Owner::Orders => self.orders.clone().check_rows(request).await?,
            Owner::Carts => self.carts.clone().check_rows(request).await?,
        };
        Ok(checked.into_inner().columns)
    }

    /// The page of the list of `export` that begins `after` another one, as whoever asked for it sees it.
    pub async fn page(
        &self,
        (owner, export): (Owner, &Export),
        after: String,
        limit: u32,
    ) -> Result<ListRowsResponse, Error> {
        let mut request = Request::new(ListRowsRequest {
            rows: Some(export.rows()),
            realm: export.realm.into(),
            store: export.store.map(String::from).unwrap_or_default(),
            pii: export.pii,
            at: Some(timestamp(export.created_at)),
            after,
            limit,
        });
        request.set_timeout(PATIENCE);
        Ok(match owner {
            Owner::Orders => self.orders.clone().list_rows(request).await?.into_inner(),
            Owner::Carts => self.carts.clone().list_rows(request).await?.into_inner(),
        })
    }
}
