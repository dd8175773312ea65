//! How much of somebody's would move if their record became another one, as customers asks the others for it (CU-13).
use kit::{
    Call, Db, Error,
    failure::Violation,
    ids::{CustomerId, RealmId},
};
use proto::base::v1::{CountMovesRequest, Moves};
use sqlx::AssertSqlSafe;
use tonic::{Request, Response, Status};

/// Answers another service of the house: `sql` gives a kind and a count, of the realm `$1` and the customer `$2`.
pub async fn count_moves(
    db: &Db,
    sql: &'static str,
    request: Request<CountMovesRequest>,
) -> Result<Response<Moves>, Status> {
    Call::of(&request)?.actor()?.require_system()?;
    let asked = request.into_inner();
    let malformed =
        |pointer| move |_| Error::from(Violation::new(pointer, "malformed", "this is not an id of that kind"));
    let realm: RealmId = asked.realm.parse().map_err(malformed("/realm"))?;
    let customer: CustomerId = asked.customer.parse().map_err(malformed("/customer"))?;
    let counts: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(realm)
        .bind(customer)
        .fetch_all(db.pool())
        .await
        .map_err(Error::from)?;
    Ok(Response::new(Moves { counts: counts.into_iter().collect() }))
}
