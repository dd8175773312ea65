//! Figures, compared with what they add up, and added up anew.
use chrono::{DateTime, Utc};
use kit::{
    Db, Tx,
    clock::timestamp,
    ids::{CustomerId, OrderId, RealmId},
    outbox,
    reconcile::{self, Place},
};
use proto::{base::v1 as pb, customers::v1::CustomerPromoted};

use super::{
    figures::{self, records, spends, stores},
    person::People,
};
use crate::Error;

/// Adds up money and orders by store and currency.
const SPENDS: &str = spends!(
    "insert into customer_spend as s (realm_id, customer_id, store_id, currency, captured, orders_count)
     select realm_id, customer_id, store_id, currency, captured, orders_count from x
     on conflict (realm_id, customer_id, store_id, currency)
       do update set captured = excluded.captured, orders_count = excluded.orders_count"
);
/// Adds up what stores know of a customer.
const STORES: &str = stores!(
    "insert into customer_stores as s (realm_id, store_id, customer_id, orders_count, spent_base, first_order_at,
         last_order_at, reviews_count)
     select realm_id, store_id, customer_id, orders_count, spent_base, first_order_at, last_order_at,
         reviews_count from x
     on conflict (realm_id, store_id, customer_id) do update
       set (orders_count, spent_base, first_order_at, last_order_at, reviews_count) = (excluded.orders_count,
         excluded.spent_base, excluded.first_order_at, excluded.last_order_at, excluded.reviews_count)"
);
/// Adds up the figures of a record.
const RECORDS: &str = records!(
    "update customers c set (orders_count, spent_base, first_order_at, last_order_at, reviews_count)
         = (x.orders_count, x.spent_base, x.first_order_at, x.last_order_at, x.reviews_count),
       lifecycle = case when x.orders_count > 0 then 'customer' else c.lifecycle end,
       last_activity_at = greatest(c.last_activity_at, x.last_order_at),
       version = c.version + 1, updated_at = greatest(c.updated_at, $3)
     from x where c.realm_id = x.realm_id and c.id = x.id"
);

/// Compares a page of customers; with the time to repair at, what differs is added up anew.
pub async fn inspect(
    db: &Db,
    (after, limit): (Place, i64),
    repair: Option<DateTime<Utc>>,
) -> Result<pb::InspectResponse, Error> {
    let page: Vec<Place> = sqlx::query_as(
        "select realm_id, id from customers where (realm_id, id) > ($1, $2) order by realm_id, id limit $3",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(limit)
    .fetch_all(db.pool())
    .await?;
    let people: People = page.iter().map(|place| (place.realm_id, place.id)).collect();
    let wrong = figures::differing(db.pool(), &people).await?;
    if let Some(now) = repair
        && !wrong.is_empty()
    {
        let mut tx = db.begin_own().await?;
        restore(&mut tx, &wrong.iter().map(|(realm, customer, _)| (*realm, *customer)).collect(), now).await?;
        tx.commit().await?;
    }
    let discrepancies = wrong
        .iter()
        .map(|(_, customer, kind)| reconcile::discrepancy(kind, CustomerId::from_uuid(*customer), 1, repair.is_some()));
    Ok(pb::InspectResponse {
        discrepancies: discrepancies.collect(),
        seen: u32::try_from(page.len()).unwrap_or(u32::MAX),
        next: reconcile::next(page.len(), limit, page.last()),
    })
}

/// Adds up all figures of `people` anew. Whoever turns out to have bought is a customer from now on (CU-1).
pub async fn restore(tx: &mut Tx, people: &People, now: DateTime<Utc>) -> Result<(), Error> {
    if people.is_empty() {
        return Ok(());
    }
    people.lock(tx).await?;
    promote(tx, people).await?;
    for sql in [SPENDS, STORES] {
        sqlx::query(sql).bind(&people.realms).bind(&people.ids).execute(&mut **tx).await?;
    }
    sqlx::query(RECORDS).bind(&people.realms).bind(&people.ids).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Tells of the leads among `people` who have orders after all.
async fn promote(tx: &mut Tx, people: &People) -> Result<(), Error> {
    let leads: Vec<(RealmId, CustomerId, OrderId, DateTime<Utc>)> = sqlx::query_as(
        "select c.realm_id, c.id, o.order_id, o.placed_at from unnest($1::uuid[], $2::uuid[]) as p (realm_id, id)
         join customers c on c.realm_id = p.realm_id and c.id = p.id and c.lifecycle = 'lead'
         cross join lateral (select order_id, placed_at from customer_orders
           where realm_id = c.realm_id and customer_id = c.id order by placed_at, order_id limit 1) o",
    )
    .bind(&people.realms)
    .bind(&people.ids)
    .fetch_all(&mut **tx)
    .await?;
    for (realm, customer, order, at) in leads {
        let event = CustomerPromoted {
            realm: realm.into(),
            customer: customer.into(),
            order: order.into(),
            at: Some(timestamp(at)),
        };
        outbox::publish(tx, &event);
    }
    Ok(())
}
