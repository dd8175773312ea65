//! All SQL about uses of vouchers.
use kit::ids::{CustomerId, OrderId, RealmId, StoreId};
use sqlx::{PgConnection, PgExecutor};

use super::Voucher;
use crate::error::Error;

/// Counts one use more of a voucher of `store`, unless it was used `limit` times; whether it was counted. Whoever counts the
/// same voucher waits until the transaction ends. The first one counts what was used before there was a limit.
pub async fn count(db: impl PgExecutor<'_>, store: StoreId, (voucher, limit): (&Voucher, u32)) -> Result<bool, Error> {
    let sql = sqlx::query(
        "insert into voucher_counts as c (store_id, promotion_id, used)
         select $1, $2, used + 1
         from (select count(*) as used from voucher_uses
               where store_id = $1 and promotion_id = $2
                 and not exists (select from voucher_counts where store_id = $1 and promotion_id = $2)) as before
         where used < $3
         on conflict (store_id, promotion_id) do update set used = c.used + 1 where c.used < $3",
    );
    let counted = sql.bind(store).bind(voucher.id).bind(i64::from(limit)).execute(db).await?;
    Ok(counted.rows_affected() == 1)
}

/// Gives up the count of a voucher that may be used any number of times.
pub async fn uncount(db: impl PgExecutor<'_>, store: StoreId, voucher: &Voucher) -> Result<(), Error> {
    let sql = sqlx::query("delete from voucher_counts where store_id = $1 and promotion_id = $2");
    sql.bind(store).bind(voucher.id).execute(db).await?;
    Ok(())
}

/// Has `customer` use a voucher in one checkout at a time, until the transaction ends.
pub async fn queue_up(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    voucher: &Voucher,
) -> Result<(), Error> {
    let sql = sqlx::query("select pg_advisory_xact_lock(hashtextextended($1 || ' uses ' || $2, 0))");
    let whose = format!("{realm} {customer}");
    sql.bind(whose).bind(voucher.id.to_string()).execute(db).await?;
    Ok(())
}

/// In how many orders a store's voucher was used.
pub async fn used(db: impl PgExecutor<'_>, store: StoreId, voucher: &Voucher) -> Result<i64, Error> {
    let sql = sqlx::query_scalar("select used from voucher_counts where store_id = $1 and promotion_id = $2");
    Ok(sql.bind(store).bind(voucher.id).fetch_optional(db).await?.unwrap_or(0))
}

/// In how many orders `customer` used a voucher, also as those who were merged into them.
pub async fn used_by(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    voucher: &Voucher,
) -> Result<i64, Error> {
    let sql = sqlx::query_scalar(
        "select count(*) from voucher_uses where realm_id = $1 and promotion_id = $3
           and customer_id = coalesce((select kept_id from merged_customers where realm_id = $1 and gone_id = $2), $2)",
    );
    Ok(sql.bind(realm).bind(customer).bind(voucher.id).fetch_one(db).await?)
}

/// Whether an order uses a voucher.
pub async fn is_noted(
    db: impl PgExecutor<'_>,
    (realm, order): (RealmId, OrderId),
    voucher: &Voucher,
) -> Result<bool, Error> {
    let sql = "select exists (select from voucher_uses where realm_id = $1 and order_id = $2 and promotion_id = $3)";
    Ok(sqlx::query_scalar(sql).bind(realm).bind(order).bind(voucher.id).fetch_one(db).await?)
}

/// Notes that an order uses a voucher.
pub async fn note(
    db: impl PgExecutor<'_>,
    (realm, store, order, customer): (RealmId, StoreId, OrderId, CustomerId),
    voucher: &Voucher,
) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into voucher_uses (realm_id, order_id, store_id, promotion_id, customer_id) values ($1, $2, $3, $4, $5)",
    );
    sql.bind(realm).bind(order).bind(store).bind(voucher.id).bind(customer).execute(db).await?;
    Ok(())
}

/// Forgets what an order used.
pub async fn forget(db: &mut PgConnection, realm: RealmId, order: OrderId) -> Result<(), Error> {
    let sql = sqlx::query(
        "with gone as (
           delete from voucher_uses where realm_id = $1 and order_id = $2 returning store_id, promotion_id)
         update voucher_counts c set used = c.used - 1
         from (select * from gone order by promotion_id) gone
         where c.store_id = gone.store_id and c.promotion_id = gone.promotion_id",
    );
    sql.bind(realm).bind(order).execute(db).await?;
    Ok(())
}
