//! All SQL of links by which invoices are paid.
use chrono::{DateTime, Utc};
use kit::ids::{OrderId, RealmId};
use sqlx::{PgConnection, PgExecutor};

use super::{PaymentLink, PaymentLinkId};
use crate::{error::Error, order::Order};

/// Adds a link.
pub async fn insert(db: impl PgExecutor<'_>, link: &PaymentLink) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into payment_links (realm_id, id, order_id, token_hash, sent, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let sql = sql.bind(link.realm).bind(link.id).bind(link.order).bind(&link.token_hash).bind(link.sent);
    sql.bind(&link.created_by).bind(link.created_at).bind(link.expires_at).execute(db).await?;
    Ok(())
}

/// How many links of `order` lead anywhere at `now`.
pub async fn count_open(db: impl PgExecutor<'_>, order: &Order, now: DateTime<Utc>) -> Result<i64, Error> {
    let count = "select count(*) from payment_links
                 where realm_id = $1 and order_id = $2 and revoked_at is null and expires_at > $3";
    Ok(sqlx::query_scalar(count).bind(order.realm).bind(order.id).bind(now).fetch_one(db).await?)
}

/// The newest links of an order.
pub async fn of_order(db: impl PgExecutor<'_>, (realm, order): (RealmId, OrderId)) -> Result<Vec<PaymentLink>, Error> {
    let links = "select * from payment_links where realm_id = $1 and order_id = $2 order by id desc limit 100";
    Ok(sqlx::query_as(links).bind(realm).bind(order).fetch_all(db).await?)
}

/// The link with this secret, of whatever customer base.
pub async fn find_by_token(db: impl PgExecutor<'_>, token_hash: [u8; 32]) -> Result<Option<PaymentLink>, Error> {
    let link = sqlx::query_as("select * from payment_links where token_hash = $1");
    Ok(link.bind(token_hash).fetch_optional(db).await?)
}

/// Revokes a link of `order`, once; answers it, and whether this did it.
pub async fn revoke(
    db: &mut PgConnection,
    (order, id): (&Order, PaymentLinkId),
    now: DateTime<Utc>,
) -> Result<Option<(PaymentLink, bool)>, Error> {
    let revoke = "update payment_links set revoked_at = $4
                  where realm_id = $1 and order_id = $2 and id = $3 and revoked_at is null returning *";
    let revoke = sqlx::query_as(revoke).bind(order.realm).bind(order.id).bind(id).bind(now);
    if let Some(link) = revoke.fetch_optional(&mut *db).await? {
        return Ok(Some((link, true)));
    }
    let found = sqlx::query_as("select * from payment_links where realm_id = $1 and order_id = $2 and id = $3");
    let found: Option<PaymentLink> = found.bind(order.realm).bind(order.id).bind(id).fetch_optional(db).await?;
    Ok(found.map(|link| (link, false)))
}
