//! All SQL about carts of guests.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    actor::Actor,
    ids::{CartId, CustomerId, RealmId, StoreId},
    pool::Pool,
};
use sqlx::QueryBuilder;

use crate::{
    Error,
    cart::Cart,
    store::{SELECT, find, one},
};

/// `cart`, or the customer's own one that took its lines, when it is that customer who asks.
pub async fn follow(pool: &Pool, actor: &Actor, cart: Option<Cart>) -> Result<Option<Cart>, Error> {
    let Some((customer, cart, into)) =
        cart.as_ref().and_then(|cart| Some((actor.customer()?, cart, cart.merged_into?)))
    else {
        return Ok(cart);
    };
    let own = find(pool, Some(cart.realm), into).await?;
    let theirs = own.filter(|own| own.claimed && own.customer == Some(customer));
    Ok(theirs.or_else(|| Some(cart.clone())))
}

/// Keeps other sign-ins of the same customer waiting until the transaction ends.
pub async fn lock(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<(), Error> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 9))")
        .bind(format!("{realm} {customer}"))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The open cart that a customer used last, of this store or of none yet, but for `guest`.
pub async fn own(
    tx: &mut Tx,
    (realm, customer): (RealmId, CustomerId),
    (store, guest): (Option<StoreId>, CartId),
    now: DateTime<Utc>,
) -> Result<Option<Cart>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push("c.realm_id = ").push_bind(realm).push(" and c.customer_id = ").push_bind(customer);
    sql.push(" and c.claimed and c.status = 'open' and c.expires_at > ").push_bind(now);
    sql.push(" and c.id <> ").push_bind(guest).push(" and (c.store_id is null or c.store_id = ").push_bind(store);
    sql.push(") order by c.updated_at desc, c.id desc limit 1");
    one(&mut **tx, sql).await
}

/// Ends `guest`, whose lines went `into` another at `now`, unless it changed since it was read; whether it had not.
pub async fn end(tx: &mut Tx, guest: &Cart, into: CartId, now: DateTime<Utc>) -> Result<bool, Error> {
    let ended = sqlx::query(
        "update carts set status = 'expired', merged_into = $4, expires_at = $5, updated_at = $5, version = version + 1,
           recover_at = null
         where realm_id = $1 and id = $2 and version = $3 and status = 'open'",
    );
    let ended = ended.bind(guest.realm).bind(guest.id).bind(guest.version).bind(into).bind(now);
    Ok(ended.execute(&mut **tx).await?.rows_affected() == 1)
}
