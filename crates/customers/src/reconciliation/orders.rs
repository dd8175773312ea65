//! Placed orders, compared with those that are counted (CU-1, CU-4).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, OrderId, RealmId},
    reconcile::{self, Claims, Place},
};
use proto::{base::v1 as pb, orders::v1::OrderPlaced};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{person::People, totals};
use crate::{Error, consumer};

/// A page of facts by column.
#[derive(Default)]
struct Facts {
    realms: Vec<Uuid>,
    orders: Vec<Uuid>,
    customers: Vec<Uuid>,
    stores: Vec<Uuid>,
    numbers: Vec<String>,
    currencies: Vec<String>,
    moments: Vec<DateTime<Utc>>,
}

impl Facts {
    fn of(events: Vec<OrderPlaced>) -> Result<Self, Error> {
        let mut all = Self::default();
        for event in events {
            let order = consumer::order(event)?;
            all.realms.push(order.realm.uuid());
            all.orders.push(order.order.uuid());
            all.customers.push(order.customer.uuid());
            all.stores.push(order.store.uuid());
            all.numbers.push(order.number);
            all.currencies.push(order.currency.code().to_owned());
            all.moments.push(order.at);
        }
        Ok(all)
    }

    fn people(&self) -> People {
        self.realms.iter().copied().zip(self.customers.iter().copied()).collect()
    }
}

/// A fact that is not as it is counted, and whom it is counted for.
#[derive(sqlx::FromRow)]
struct Differing {
    place: i64,
    kind: String,
    order_id: OrderId,
    realm_id: Uuid,
    customer_id: Uuid,
    counted_for: Option<Uuid>,
}

/// Which orders are not counted, or not as they are. One of a customer whom nobody knows stays so.
pub async fn compare(
    tx: &mut Tx,
    events: Vec<OrderPlaced>,
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let facts = Facts::of(events)?;
    if repair.is_some() {
        facts.people().lock(tx).await?;
    }
    let found = differing(&mut **tx, &facts).await?;
    if let Some(now) = repair
        && !found.is_empty()
    {
        upsert(&mut **tx, &facts).await?;
        let people = found.iter().flat_map(|one| {
            [Some(one.customer_id), one.counted_for].into_iter().flatten().map(|id| (one.realm_id, id))
        });
        totals::restore(tx, &people.collect(), now).await?;
    }
    let told = |one: Differing| {
        let repaired = repair.is_some() && one.kind != "order_of_unknown_customer";
        reconcile::discrepancy(&one.kind, one.order_id, one.place, repaired)
    };
    Ok(found.into_iter().map(told).collect())
}

async fn differing(db: impl PgExecutor<'_>, facts: &Facts) -> Result<Vec<Differing>, Error> {
    let sql = "select f.place, f.order_id, f.realm_id, f.customer_id, o.customer_id as counted_for,
           case when c.id is null then 'order_of_unknown_customer' when o.order_id is null then 'missing_order'
             else 'wrong_order' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[])
           with ordinality as f (realm_id, order_id, customer_id, store_id, number, currency, placed_at, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_orders o on o.realm_id = f.realm_id and o.order_id = f.order_id
         where (o.customer_id, o.store_id, o.number, o.currency, o.placed_at)
           is distinct from (f.customer_id, f.store_id, f.number, f.currency, f.placed_at)
         order by f.place";
    Ok(sqlx::query_as(sql)
        .bind(&facts.realms)
        .bind(&facts.orders)
        .bind(&facts.customers)
        .bind(&facts.stores)
        .bind(&facts.numbers)
        .bind(&facts.currencies)
        .bind(&facts.moments)
        .fetch_all(db)
        .await?)
}

/// Counts every order of a known customer as it is.
async fn upsert(db: impl PgExecutor<'_>, facts: &Facts) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_orders as o (realm_id, order_id, customer_id, store_id, number, currency, placed_at)
         select f.* from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
             $7::timestamptz[]) as f (realm_id, order_id, customer_id, store_id, number, currency, placed_at)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, order_id) do update set (customer_id, store_id, number, currency, placed_at)
           = (excluded.customer_id, excluded.store_id, excluded.number, excluded.currency, excluded.placed_at)
         where (o.customer_id, o.store_id, o.number, o.currency, o.placed_at) is distinct from
           (excluded.customer_id, excluded.store_id, excluded.number, excluded.currency, excluded.placed_at)",
    )
    .bind(&facts.realms)
    .bind(&facts.orders)
    .bind(&facts.customers)
    .bind(&facts.stores)
    .bind(&facts.numbers)
    .bind(&facts.currencies)
    .bind(&facts.moments)
    .execute(db)
    .await?;
    Ok(())
}

/// A page of the orders that are counted.
pub async fn claims(db: impl PgExecutor<'_>, after: Place, limit: i64) -> Result<Vec<(Place, pb::Claim)>, Error> {
    let rows: Vec<(RealmId, OrderId, CustomerId)> = sqlx::query_as(
        "select realm_id, order_id, customer_id from customer_orders where (realm_id, order_id) > ($1, $2)
         order by realm_id, order_id limit $3",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let claim = |(realm, order, customer): (RealmId, OrderId, CustomerId)| {
        let place = Place { realm_id: realm.uuid(), id: order.uuid() };
        (place, super::grpc::claim(realm, order, customer))
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Orders that are counted although there are none such.
pub async fn withdraw(
    tx: &mut Tx,
    claims: &Claims,
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let found: Vec<(i64, Uuid, OrderId, Uuid)> = sqlx::query_as(
        "select f.place, o.realm_id, o.order_id, o.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_orders o on o.realm_id = f.realm_id and o.order_id = f.id order by f.place",
    )
    .bind(&claims.realms)
    .bind(&claims.ids)
    .fetch_all(&mut **tx)
    .await?;
    if let Some(now) = repair {
        let people: People = found.iter().map(|(_, realm, _, customer)| (*realm, *customer)).collect();
        people.lock(tx).await?;
        sqlx::query(
            "delete from customer_orders o using unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where o.realm_id = f.realm_id and o.order_id = f.id",
        )
        .bind(&claims.realms)
        .bind(&claims.ids)
        .execute(&mut **tx)
        .await?;
        totals::restore(tx, &people, now).await?;
    }
    let stray = |(place, _, order, _)| reconcile::discrepancy("stray_order", order, place, repair.is_some());
    Ok(found.into_iter().map(stray).collect())
}
