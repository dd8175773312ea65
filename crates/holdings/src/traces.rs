//! What says that accounts are used, as one service asks others for it (AD-2).
use kit::{
    Call, Db, Error,
    failure::Violation,
    ids::{CustomerId, RealmId},
};
use proto::base::v1::{FindTracesRequest, Trace, Traces};
use sqlx::AssertSqlSafe;
use tonic::{Request, Response, Status};

/// Most customers that are asked about at once.
pub const MOST: usize = 500;

/// Answers another service of the house: `sql` gives the customer and the kind of what they left, of the realm `$1` and the
/// customers `$2`.
pub async fn find_traces(
    db: &Db,
    sql: &'static str,
    request: Request<FindTracesRequest>,
) -> Result<Response<Traces>, Status> {
    Call::of(&request)?.actor()?.require_system()?;
    let asked = request.into_inner();
    let malformed =
        |pointer| move |_| Error::from(Violation::new(pointer, "malformed", "this is not an id of that kind"));
    let realm: RealmId = asked.realm.parse().map_err(malformed("/realm"))?;
    if asked.customers.len() > MOST {
        return Err(Error::invalid("/customers", "too_many", "ask for at most 500 customers").into());
    }
    let ids = asked.customers.iter().map(|id| id.parse().map(CustomerId::uuid)).collect::<Result<Vec<_>, _>>();
    let ids = ids.map_err(malformed("/customers"))?;
    let found: Vec<(CustomerId, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(realm).bind(ids).fetch_all(db.pool()).await.map_err(Error::from)?;
    let traces = found.into_iter().map(|(customer, kind)| Trace { customer: customer.into(), kind }).collect();
    Ok(Response::new(Traces { traces }))
}
