//! Accounts, told as the events that once told of them, for customers to be compared with (PL-2).
use chrono::{DateTime, Utc};
use kit::{
    Call, Db,
    clock::timestamp,
    ids::{CustomerId, RealmId},
    reconcile::{self, Place},
};
use proto::{
    base::v1 as pb,
    identity::v1::{CustomerRegistered, reconciliation_service_server::ReconciliationService},
};
use sqlx::PgExecutor;
use tonic::{Request, Response, Status};

use crate::Error;

/// Full name of the event.
const REGISTERED: &str = "patron.identity.v1.CustomerRegistered";

/// Answers [`ReconciliationService`].
#[derive(Clone)]
pub struct Reconciliation {
    /// The database.
    pub db: Db,
}

#[tonic::async_trait]
impl ReconciliationService for Reconciliation {
    async fn list_facts(
        &self,
        request: Request<pb::ListFactsRequest>,
    ) -> Result<Response<pb::ListFactsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let request = request.get_ref();
        if request.event != REGISTERED || request.announced {
            return Err(Error::from(reconcile::unknown_event()).into());
        }
        let after = request.after.parse().map_err(Error::from)?;
        let until = reconcile::until(request.until.as_ref()).map_err(Error::from)?;
        let limit = reconcile::limit(request.limit).map_err(Error::from)?;
        let accounts = accounts(self.db.pool(), after, until, limit).await?;
        let last = accounts.last().map(|(realm, id, _)| Place { realm_id: realm.uuid(), id: id.uuid() });
        let next = reconcile::next(accounts.len(), limit, last);
        let facts = accounts.into_iter().map(|account| reconcile::fact(&event(account))).collect();
        Ok(Response::new(pb::ListFactsResponse { facts, next }))
    }
}

type Account = (RealmId, CustomerId, DateTime<Utc>);

async fn accounts(
    db: impl PgExecutor<'_>,
    after: Place,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Account>, Error> {
    let accounts = sqlx::query_as(
        "select realm_id, customer_id, registered_at from customer_credentials
         where (realm_id, customer_id) > ($1, $2) and registered_at <= $3 order by realm_id, customer_id limit $4",
    );
    Ok(accounts.bind(after.realm_id).bind(after.id).bind(until).bind(limit).fetch_all(db).await?)
}

/// Where somebody registered is not kept; whoever knows them by now knows it.
fn event((realm, customer, at): Account) -> CustomerRegistered {
    CustomerRegistered { realm: realm.into(), customer: customer.into(), store: String::new(), at: Some(timestamp(at)) }
}
