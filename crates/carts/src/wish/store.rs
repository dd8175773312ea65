//! All SQL of wishes.
use holdings::merged::push_kept;
use kit::ids::{CustomerId, ProductId, RealmId, StoreId};
use sqlx::{PgConnection, PgExecutor, QueryBuilder};

use super::{Wish, bought::Bought, wish::MOST};
use crate::Error;

/// The wish of a customer for a product.
pub async fn find(
    db: impl PgExecutor<'_>,
    (realm, customer, product): (RealmId, CustomerId, ProductId),
) -> Result<Option<Wish>, Error> {
    let wish = "select * from wishes where realm_id = $1 and customer_id = $2 and product_id = $3";
    Ok(sqlx::query_as(wish).bind(realm).bind(customer).bind(product).fetch_optional(db).await?)
}

/// Puts a wish on its list, or back there when it was bought since; `false` when the list is full. Wishes of one customer
/// are added one after the other.
pub async fn put(db: &mut PgConnection, wish: &Wish) -> Result<bool, Error> {
    let alone = "select pg_advisory_xact_lock(hashtextextended('wishes ' || current_schema() || $1::text, 0))";
    sqlx::query(alone).bind(wish.customer.uuid()).execute(&mut *db).await?;
    let put = sqlx::query(
        "insert into wishes (realm_id, customer_id, product_id, store_id, name, image_url, wished_at)
         select $1, $2, $3, $4, $5, $6, $7
         where (select count(*) from wishes where realm_id = $1 and customer_id = $2 and product_id <> $3) < $8
         on conflict on constraint wishes_pkey do update
           set name = excluded.name, image_url = excluded.image_url, wished_at = excluded.wished_at, bought_at = null,
             order_id = null",
    );
    let put = put.bind(wish.realm).bind(wish.customer).bind(wish.product).bind(wish.store).bind(&wish.name);
    Ok(put.bind(&wish.image_url).bind(wish.wished_at).bind(MOST).execute(db).await?.rows_affected() == 1)
}

/// Takes a wish off its list; answers what it was.
pub async fn take(
    db: &mut PgConnection,
    (realm, customer, product): (RealmId, CustomerId, ProductId),
) -> Result<Option<Wish>, Error> {
    let taken = "delete from wishes where realm_id = $1 and customer_id = $2 and product_id = $3 returning *";
    Ok(sqlx::query_as(taken).bind(realm).bind(customer).bind(product).fetch_optional(db).await?)
}

/// The wishes of a customer, newest first; only those that `store` sells, if one is named.
pub async fn of_customer(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    store: Option<StoreId>,
) -> Result<Vec<Wish>, Error> {
    let mut sql = QueryBuilder::new("select * from wishes where realm_id = ");
    sql.push_bind(realm).push(" and customer_id = ");
    push_kept(&mut sql, realm, customer);
    if let Some(store) = store {
        sql.push(" and store_id = ").push_bind(store);
    }
    sql.push(" order by wished_at desc, product_id desc");
    Ok(sql.build_query_as().fetch_all(db).await?)
}

/// Notes what was bought. What was wished for only afterwards is still wished for.
pub async fn buy(db: &mut PgConnection, bought: &[Bought]) -> Result<(), Error> {
    let buy = sqlx::query(
        "update wishes w set bought_at = b.at, order_id = b.order_id
         from (select b.realm_id, coalesce(m.kept_id, b.customer_id) as customer_id, b.product_id,
                 min(b.at) as at, (array_agg(b.order_id order by b.at, b.order_id))[1] as order_id
               from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[])
                 as b (realm_id, customer_id, product_id, order_id, at)
               left join merged_customers m on m.realm_id = b.realm_id and m.gone_id = b.customer_id
               group by 1, 2, 3) as b
         where w.realm_id = b.realm_id and w.customer_id = b.customer_id and w.product_id = b.product_id
           and w.wished_at <= b.at and (w.bought_at is null or b.at < w.bought_at)",
    );
    buy.bind(bought.iter().map(|one| one.realm.uuid()).collect::<Vec<_>>())
        .bind(bought.iter().map(|one| one.customer.uuid()).collect::<Vec<_>>())
        .bind(bought.iter().map(|one| one.product.uuid()).collect::<Vec<_>>())
        .bind(bought.iter().map(|one| one.order.uuid()).collect::<Vec<_>>())
        .bind(bought.iter().map(|one| one.at).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

/// Moves the wishes of `gone` to `kept`: of two for the same product the older one stays. Answers how many there were.
pub async fn follow(
    db: &mut PgConnection,
    realm: RealmId,
    (gone, kept): (CustomerId, CustomerId),
) -> Result<u64, Error> {
    let moved = sqlx::query(
        "with gone as (delete from wishes where realm_id = $1 and customer_id = $2 returning *)
         insert into wishes as w
         select realm_id, $3, product_id, store_id, name, image_url, wished_at, bought_at, order_id from gone
         on conflict on constraint wishes_pkey do update
           set wished_at = least(w.wished_at, excluded.wished_at),
             bought_at = coalesce(least(w.bought_at, excluded.bought_at), w.bought_at, excluded.bought_at),
             order_id = case when w.bought_at is null or excluded.bought_at < w.bought_at then excluded.order_id
                        else w.order_id end",
    );
    Ok(moved.bind(realm).bind(gone).bind(kept).execute(db).await?.rows_affected())
}
