//! Which customers a store of a network knows, for whoever tells it of them (ID-21).
use kit::ids::{CustomerId, RealmId, StoreId};
use proto::customers::v1::{FindKnownRequest, FindKnownResponse};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{Error, fields::Fields};

/// A store, and whom it may know.
#[derive(Debug)]
pub struct FindKnown {
    realm: RealmId,
    store: StoreId,
    customers: Vec<CustomerId>,
}

impl FindKnown {
    /// Reads a request.
    pub fn parse(request: &FindKnownRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let realm = fields.id("/realm", &request.realm);
        let store = fields.id("/store", &request.store);
        let customers = request.customers.iter().filter_map(|id| fields.id("/customers", id)).take(100).collect();
        fields.finish()?;
        match (realm, store) {
            (Some(realm), Some(store)) => Ok(Self { realm, store, customers }),
            _ => Err(Error::CustomerNotFound),
        }
    }
}

/// Those that it knows, by the ids they were asked for: one that was merged stands for the record that was kept.
pub async fn find_known(db: impl PgExecutor<'_>, input: &FindKnown) -> Result<FindKnownResponse, Error> {
    let known: Vec<CustomerId> = sqlx::query_scalar(
        "select asked.id from unnest($3::uuid[]) as asked (id)
         left join merged_customers m on m.realm_id = $1 and m.gone_id = asked.id
         where exists (select from customer_stores s
           where s.realm_id = $1 and s.store_id = $2 and s.customer_id = coalesce(m.kept_id, asked.id))",
    )
    .bind(input.realm)
    .bind(input.store)
    .bind(input.customers.iter().map(|id| id.uuid()).collect::<Vec<Uuid>>())
    .fetch_all(db)
    .await?;
    Ok(FindKnownResponse { customers: known.into_iter().map(String::from).collect() })
}
