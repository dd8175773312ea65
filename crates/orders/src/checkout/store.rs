//! All SQL of checkouts.
use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    Db, Tx,
    clock::Clock,
    ids::{RealmId, StoreId},
};
use sqlx::{PgExecutor, types::Json};
use tokio_util::sync::CancellationToken;

use super::{Checkout, Token};
use crate::error::Error;

/// How long a checkout is kept; its order stays.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Adds a checkout.
pub async fn insert(tx: &mut Tx, checkout: &Checkout) -> Result<(), Error> {
    sqlx::query(
        "insert into checkouts (realm_id, token_hash, store_id, cart_id, gateway, amount, currency, customer_id,
           own_contact, contact, reveals, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(checkout.realm)
    .bind(checkout.token.hash())
    .bind(checkout.store)
    .bind(checkout.cart)
    .bind(checkout.gateway)
    .bind(checkout.shown.amount)
    .bind(checkout.shown.currency.code())
    .bind(checkout.customer)
    .bind(checkout.own_contact)
    .bind(Json(&checkout.contact))
    .bind(checkout.reveals)
    .bind(checkout.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The checkout of a token, within a realm and, when the caller has one, a store.
pub async fn find(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    store: Option<StoreId>,
    token: Token,
) -> Result<Option<Checkout>, Error> {
    let checkout = sqlx::query_as(
        "select * from checkouts where realm_id = $1 and token_hash = $2 and ($3::uuid is null or store_id = $3)",
    );
    Ok(checkout.bind(realm).bind(token.hash()).bind(store).fetch_optional(db).await?)
}

/// Drops old checkouts until `stop`: they hold personal data of people who may never have bought.
pub async fn forget(db: Db, clock: Clock, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_mins(10))).await.is_some() {
        let old = sqlx::query("delete from checkouts where created_at < $1").bind(clock.now() - KEPT);
        if let Err(error) = old.execute(db.pool()).await {
            tracing::warn!(error.detail = %error, "old checkouts could not be dropped");
        }
    }
}
