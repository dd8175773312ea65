//! All SQL of the member directory.
use kit::ids::{CustomerId, RealmId};
use sqlx::PgExecutor;

use crate::Error;

/// Whether `customer` is a member, whose doors are open.
pub async fn is_member(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<bool, Error> {
    let member =
        "select exists (select from customers where realm_id = $1 and id = $2 and directory and status = 'active')";
    Ok(sqlx::query_scalar(member).bind(realm).bind(customer).fetch_one(db).await?)
}

/// Names of members in alphabetical order.
pub async fn browse(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (limit, offset): (u32, u32),
) -> Result<Vec<String>, Error> {
    let names = sqlx::query_scalar(
        "select name from customers where realm_id = $1 and directory and status = 'active' and name <> ''
         order by lower(name), id limit $2 offset $3",
    );
    Ok(names.bind(realm).bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(db).await?)
}
