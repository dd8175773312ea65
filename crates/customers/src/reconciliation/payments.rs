//! Captured payments, compared with those that are counted (CU-4).
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId, TransactionId},
    reconcile::{self, Claims, Place},
};
use proto::{base::v1 as pb, orders::v1::PaymentCaptured};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{person::People, totals};
use crate::{Error, consumer};

/// A page of facts by column.
#[derive(Default)]
struct Facts {
    realms: Vec<Uuid>,
    transactions: Vec<Uuid>,
    customers: Vec<Uuid>,
    stores: Vec<Uuid>,
    orders: Vec<Uuid>,
    currencies: Vec<String>,
    amounts: Vec<i64>,
    moments: Vec<DateTime<Utc>>,
}

impl Facts {
    fn of(events: Vec<PaymentCaptured>) -> Result<Self, Error> {
        let mut all = Self::default();
        for event in events {
            let payment = consumer::payment(&event)?;
            all.realms.push(payment.realm.uuid());
            all.transactions.push(payment.transaction.uuid());
            all.customers.push(payment.customer.uuid());
            all.stores.push(payment.store.uuid());
            all.orders.push(payment.order.uuid());
            all.currencies.push(payment.amount.currency.code().to_owned());
            all.amounts.push(payment.amount.amount);
            all.moments.push(payment.at);
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
    transaction_id: TransactionId,
    realm_id: Uuid,
    customer_id: Uuid,
    counted_for: Option<Uuid>,
}

/// Which payments are not counted, or not as they are. One of a customer whom nobody knows stays so.
pub async fn compare(
    tx: &mut Tx,
    events: Vec<PaymentCaptured>,
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
        let repaired = repair.is_some() && one.kind != "payment_of_unknown_customer";
        reconcile::discrepancy(&one.kind, one.transaction_id, one.place, repaired)
    };
    Ok(found.into_iter().map(told).collect())
}

async fn differing(db: impl PgExecutor<'_>, facts: &Facts) -> Result<Vec<Differing>, Error> {
    let sql = "select f.place, f.transaction_id, f.realm_id, f.customer_id, o.customer_id as counted_for,
           case when c.id is null then 'payment_of_unknown_customer' when o.order_id is null then 'missing_payment'
             else 'wrong_payment' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[],
             $8::timestamptz[]) with ordinality
           as f (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_payments o on o.realm_id = f.realm_id and o.transaction_id = f.transaction_id
         where (o.customer_id, o.store_id, o.order_id, o.currency, o.amount, o.captured_at)
           is distinct from (f.customer_id, f.store_id, f.order_id, f.currency, f.amount, f.captured_at)
         order by f.place";
    Ok(sqlx::query_as(sql)
        .bind(&facts.realms)
        .bind(&facts.transactions)
        .bind(&facts.customers)
        .bind(&facts.stores)
        .bind(&facts.orders)
        .bind(&facts.currencies)
        .bind(&facts.amounts)
        .bind(&facts.moments)
        .fetch_all(db)
        .await?)
}

/// Counts every payment of a known customer as it is.
async fn upsert(db: impl PgExecutor<'_>, facts: &Facts) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_payments as o
           (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
         select f.* from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[],
             $8::timestamptz[])
           as f (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, transaction_id) do update
           set (customer_id, store_id, order_id, currency, amount, captured_at) = (excluded.customer_id,
             excluded.store_id, excluded.order_id, excluded.currency, excluded.amount, excluded.captured_at)
         where (o.customer_id, o.store_id, o.order_id, o.currency, o.amount, o.captured_at) is distinct from
           (excluded.customer_id, excluded.store_id, excluded.order_id, excluded.currency, excluded.amount,
            excluded.captured_at)",
    )
    .bind(&facts.realms)
    .bind(&facts.transactions)
    .bind(&facts.customers)
    .bind(&facts.stores)
    .bind(&facts.orders)
    .bind(&facts.currencies)
    .bind(&facts.amounts)
    .bind(&facts.moments)
    .execute(db)
    .await?;
    Ok(())
}

/// A page of the payments that are counted.
pub async fn claims(db: impl PgExecutor<'_>, after: Place, limit: i64) -> Result<Vec<(Place, pb::Claim)>, Error> {
    let rows: Vec<(RealmId, TransactionId, CustomerId)> = sqlx::query_as(
        "select realm_id, transaction_id, customer_id from customer_payments where (realm_id, transaction_id) > ($1, $2)
         order by realm_id, transaction_id limit $3",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let claim = |(realm, transaction, customer): (RealmId, TransactionId, CustomerId)| {
        let place = Place { realm_id: realm.uuid(), id: transaction.uuid() };
        (place, super::grpc::claim(realm, transaction, customer))
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Payments that are counted although there are none such.
pub async fn withdraw(
    tx: &mut Tx,
    claims: &Claims,
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let found: Vec<(i64, Uuid, TransactionId, Uuid)> = sqlx::query_as(
        "select f.place, o.realm_id, o.transaction_id, o.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_payments o on o.realm_id = f.realm_id and o.transaction_id = f.id order by f.place",
    )
    .bind(&claims.realms)
    .bind(&claims.ids)
    .fetch_all(&mut **tx)
    .await?;
    if let Some(now) = repair {
        let people: People = found.iter().map(|(_, realm, _, customer)| (*realm, *customer)).collect();
        people.lock(tx).await?;
        sqlx::query(
            "delete from customer_payments o using unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where o.realm_id = f.realm_id and o.transaction_id = f.id",
        )
        .bind(&claims.realms)
        .bind(&claims.ids)
        .execute(&mut **tx)
        .await?;
        totals::restore(tx, &people, now).await?;
    }
    let stray =
        |(place, _, transaction, _)| reconcile::discrepancy("stray_payment", transaction, place, repair.is_some());
    Ok(found.into_iter().map(stray).collect())
}
