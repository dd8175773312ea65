//! All SQL of links.
use chrono::{DateTime, Utc};
use kit::ids::{CartId, CheckoutLinkId, RealmId};
use sqlx::{PgConnection, PgExecutor};

use super::Link;
use crate::Error;

/// Adds a link.
pub async fn insert(db: &mut PgConnection, link: &Link) -> Result<(), Error> {
    sqlx::query(
        "insert into checkout_links (realm_id, id, cart_id, customer_id, token_hash, sent_by, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(link.realm)
    .bind(link.id)
    .bind(link.cart)
    .bind(link.customer)
    .bind(&link.token_hash)
    .bind(&link.sent_by)
    .bind(&link.created_by)
    .bind(link.created_at)
    .bind(link.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Adds a link, unless it is there.
pub async fn insert_once(db: &mut PgConnection, link: &Link) -> Result<(), Error> {
    let known = sqlx::query_scalar("select exists (select from checkout_links where realm_id = $1 and id = $2)");
    if known.bind(link.realm).bind(link.id).fetch_one(&mut *db).await? { Ok(()) } else { insert(db, link).await }
}

/// The newest links of a cart.
pub async fn of_cart(db: impl PgExecutor<'_>, realm: RealmId, cart: CartId) -> Result<Vec<Link>, Error> {
    let links = "select * from checkout_links where realm_id = $1 and cart_id = $2 order by id desc limit 100";
    Ok(sqlx::query_as(links).bind(realm).bind(cart).fetch_all(db).await?)
}

/// The link with this token, of whatever customer base.
pub async fn find(db: impl PgExecutor<'_>, token_hash: [u8; 32]) -> Result<Option<Link>, Error> {
    let link = sqlx::query_as("select * from checkout_links where token_hash = $1");
    Ok(link.bind(token_hash).fetch_optional(db).await?)
}

/// Revokes a link, once; answers it, and whether this did it.
pub async fn revoke(
    db: &mut PgConnection,
    (realm, cart, id): (RealmId, CartId, CheckoutLinkId),
    now: DateTime<Utc>,
) -> Result<Option<(Link, bool)>, Error> {
    let revoke = "update checkout_links set revoked_at = $4
                  where realm_id = $1 and cart_id = $2 and id = $3 and revoked_at is null returning *";
    let revoked: Option<Link> =
        sqlx::query_as(revoke).bind(realm).bind(cart).bind(id).bind(now).fetch_optional(&mut *db).await?;
    if let Some(link) = revoked {
        return Ok(Some((link, true)));
    }
    let found = sqlx::query_as("select * from checkout_links where realm_id = $1 and cart_id = $2 and id = $3");
    let found: Option<Link> = found.bind(realm).bind(cart).bind(id).fetch_optional(db).await?;
    Ok(found.map(|link| (link, false)))
}
