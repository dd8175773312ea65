//! What every figure has to be, told from orders, payments and reviews; and which figures differ from that.
use sqlx::PgExecutor;
use uuid::Uuid;

use super::person::People;
use crate::Error;

/// Begins a statement about the customers `$1`, `$2` with `x`: captured money and orders by store and currency. People
/// with an order of unknown currency are left out, since nothing can be told of them.
macro_rules! spends {
    ($rest:literal) => {
        concat!(
            "with p as (select realm_id, id from unnest($1::uuid[], $2::uuid[]) as p (realm_id, id)
               where not exists (select from customer_orders o
                 where o.realm_id = p.realm_id and o.customer_id = p.id and o.currency is null)),
             x as (select realm_id, customer_id, store_id, currency, sum(captured)::bigint as captured,
                 sum(orders)::bigint as orders_count
               from (select y.realm_id, y.customer_id, y.store_id, y.currency, y.amount as captured, 0 as orders
                     from customer_payments y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     union all
                     select y.realm_id, y.customer_id, y.store_id, y.currency, 0, 1
                     from customer_orders y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     union all
                     select y.realm_id, y.customer_id, y.store_id, y.currency, 0, 0
                     from customer_spend y join p on p.realm_id = y.realm_id and p.id = y.customer_id) parts
               group by realm_id, customer_id, store_id, currency) ",
            $rest
        )
    };
}
pub(super) use spends;

/// Begins a statement about the customers `$1`, `$2` with `x`: their figures by store.
macro_rules! stores {
    ($rest:literal) => {
        concat!(
            "with p as (select realm_id, id from unnest($1::uuid[], $2::uuid[]) as p (realm_id, id)),
             x as (select realm_id, store_id, customer_id, sum(orders)::bigint as orders_count,
                 sum(spent)::bigint as spent_base, min(at) as first_order_at, max(at) as last_order_at,
                 sum(reviews)::bigint as reviews_count
               from (select y.realm_id, y.store_id, y.customer_id, 1 as orders, 0::bigint as spent, y.placed_at as at,
                       0 as reviews
                     from customer_orders y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     union all
                     select y.realm_id, y.store_id, y.customer_id, 0, y.amount, null, 0
                     from customer_payments y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     join base_currencies b
                       on b.realm_id = y.realm_id and b.owner_id = y.store_id and b.currency = y.currency
                     union all
                     select y.realm_id, y.store_id, y.customer_id, 0, -y.refunded, null, 0
                     from customer_spend y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     join base_currencies b
                       on b.realm_id = y.realm_id and b.owner_id = y.store_id and b.currency = y.currency
                     union all
                     select y.realm_id, y.store_id, y.customer_id, 0, 0, null, 1
                     from customer_reviews y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     where not y.deleted and y.store_id is not null
                     union all
                     select y.realm_id, y.store_id, y.customer_id, 0, 0, null, 0
                     from customer_subscriptions y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     union all
                     select y.realm_id, y.store_id, y.customer_id, 0, 0, null, 0
                     from customer_carts y join p on p.realm_id = y.realm_id and p.id = y.customer_id
                     where y.store_id is not null
                     union all
                     select y.realm_id, y.store_id, y.customer_id, 0, 0, null, 0
                     from customer_stores y join p on p.realm_id = y.realm_id and p.id = y.customer_id) parts
               group by realm_id, store_id, customer_id) ",
            $rest
        )
    };
}
pub(super) use stores;

/// Begins a statement about the customers `$1`, `$2` with `x`: the figures of their records.
macro_rules! records {
    ($rest:literal) => {
        concat!(
            "with p as (select realm_id, id from unnest($1::uuid[], $2::uuid[]) as p (realm_id, id)),
             x as (select p.realm_id, p.id, o.orders_count, o.first_order_at, o.last_order_at, r.reviews_count,
                 m.amount - f.amount as spent_base
               from p
               cross join lateral (select count(*) as orders_count, min(placed_at) as first_order_at,
                   max(placed_at) as last_order_at
                 from customer_orders where realm_id = p.realm_id and customer_id = p.id) o
               cross join lateral (select count(*) as reviews_count from customer_reviews
                 where realm_id = p.realm_id and customer_id = p.id and not deleted) r
               cross join lateral (select coalesce(sum(y.amount), 0)::bigint as amount
                 from customer_payments y join base_currencies b
                   on b.realm_id = y.realm_id and b.owner_id = y.realm_id and b.currency = y.currency
                 where y.realm_id = p.realm_id and y.customer_id = p.id) m
               cross join lateral (select coalesce(sum(y.refunded), 0)::bigint as amount
                 from customer_spend y join base_currencies b
                   on b.realm_id = y.realm_id and b.owner_id = y.realm_id and b.currency = y.currency
                 where y.realm_id = p.realm_id and y.customer_id = p.id) f) ",
            $rest
        )
    };
}
pub(super) use records;

/// A customer and the slug of what is wrong with them.
pub type Wrong = (Uuid, Uuid, String);

/// Whose figures are not what their parts say.
pub async fn differing(db: impl PgExecutor<'_> + Copy, people: &People) -> Result<Vec<Wrong>, Error> {
    const SPENDS: &str = spends!(
        "select distinct x.realm_id, x.customer_id, 'wrong_spend' from x left join customer_spend s
           on s.realm_id = x.realm_id and s.customer_id = x.customer_id and s.store_id = x.store_id
             and s.currency = x.currency
         where (coalesce(s.captured, 0), coalesce(s.orders_count, 0)) <> (x.captured, x.orders_count)"
    );
    const STORES: &str = stores!(
        "select distinct x.realm_id, x.customer_id, 'wrong_store_figures' from x left join customer_stores s
           on s.realm_id = x.realm_id and s.store_id = x.store_id and s.customer_id = x.customer_id
         where (coalesce(s.orders_count, 0), coalesce(s.spent_base, 0), s.first_order_at, s.last_order_at,
             coalesce(s.reviews_count, 0))
           is distinct from (x.orders_count, x.spent_base, x.first_order_at, x.last_order_at, x.reviews_count)"
    );
    const RECORDS: &str = records!(
        "select c.realm_id, c.id, w.kind from x join customers c on c.realm_id = x.realm_id and c.id = x.id
         cross join lateral (
           select 'wrong_figures' as kind
           where (c.orders_count, c.spent_base, c.first_order_at, c.last_order_at, c.reviews_count)
             is distinct from (x.orders_count, x.spent_base, x.first_order_at, x.last_order_at, x.reviews_count)
           union all
           select 'lead_with_orders' where c.lifecycle = 'lead' and x.orders_count > 0) w"
    );
    let mut all = Vec::new();
    for sql in [SPENDS, STORES, RECORDS] {
        let wrong: Vec<Wrong> = sqlx::query_as(sql).bind(&people.realms).bind(&people.ids).fetch_all(db).await?;
        all.extend(wrong);
    }
    Ok(all)
}
