//! Counts orders and captured money, less what went back (CU-1, CU-4). A refund is nothing that the customer does. Many at once: a record has many indexes, and each change of it writes
//! to all of them.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, OrderId, RealmId},
};

use super::{order::PlacedOrder, payment::Payment, store};
use crate::Error;

/// What was sold, heard of at the same time.
#[derive(Clone, Debug, Default)]
pub struct Sales {
    /// Placed orders.
    pub orders: Vec<PlacedOrder>,
    /// Money that came in, perhaps before its order.
    pub payments: Vec<Payment>,
}

/// One statement, with what it adds: who waits for another of the same customer adds to what that one left.
const COUNT: &str = "with o as (
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[])
         as o (realm_id, order_id, customer_id, store_id, number, placed_at, currency)),
     p as (
       select * from unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::bigint[],
                            $15::timestamptz[])
         as p (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)),
     known as (
       select c.realm_id, c.id, c.lifecycle from customers c
       join (select realm_id, customer_id from o union select realm_id, customer_id from p) as met
         on met.realm_id = c.realm_id and met.customer_id = c.id
       order by c.realm_id, c.id for update of c),
     placed as (
       insert into customer_orders (realm_id, order_id, customer_id, store_id, number, placed_at, currency)
       select o.* from (select realm_id, order_id, customer_id, store_id, number, placed_at, currency from o) as o
       join known on known.realm_id = o.realm_id and known.id = o.customer_id
       on conflict (realm_id, order_id) do nothing returning *),
     bought as (
       insert into customer_products (realm_id, product_id, order_id)
       select distinct placed.realm_id, l.product_id, l.order_id
       from unnest($17::uuid[], $18::uuid[]) as l (order_id, product_id) join placed on placed.order_id = l.order_id
       on conflict do nothing),
     paid as (
       insert into customer_payments
         (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
       select p.* from p join known on known.realm_id = p.realm_id and known.id = p.customer_id
       on conflict (realm_id, transaction_id) do nothing returning *),
     news as (
       select f.*, case when realm.currency is null then 0 else amount end as in_realm,
         case when store.currency is null then 0 else amount end as in_store
       from (select realm_id, customer_id, store_id, currency, 1 as orders, 0::bigint as amount, placed_at as at,
               placed_at
             from placed
             union all select realm_id, customer_id, store_id, currency, 0, amount,
               case when amount >= 0 then captured_at end, null from paid) as f
       left join base_currencies realm on realm.realm_id = f.realm_id and realm.owner_id = f.realm_id
         and realm.currency = f.currency
       left join base_currencies store on store.realm_id = f.realm_id and store.owner_id = f.store_id
         and store.currency = f.currency),
     by_currency as (
       insert into customer_spend as s (realm_id, customer_id, store_id, currency, captured, orders_count)
       select realm_id, customer_id, store_id, currency, sum(amount), sum(orders) from news
       group by realm_id, customer_id, store_id, currency
       on conflict (realm_id, customer_id, store_id, currency) do update
         set captured = s.captured + excluded.captured, orders_count = s.orders_count + excluded.orders_count),
     by_store as (
       insert into customer_stores as s
         (realm_id, store_id, customer_id, orders_count, spent_base, first_order_at, last_order_at)
       select realm_id, store_id, customer_id, sum(orders), sum(in_store), min(placed_at), max(placed_at) from news
       group by realm_id, store_id, customer_id
       on conflict (realm_id, store_id, customer_id) do update set orders_count = s.orders_count + excluded.orders_count,
         spent_base = s.spent_base + excluded.spent_base,
         first_order_at = least(s.first_order_at, excluded.first_order_at),
         last_order_at = greatest(s.last_order_at, excluded.last_order_at)),
     sums as (
       select news.realm_id, customer_id, lifecycle, sum(orders) as orders, sum(in_realm) as spent,
         min(placed_at) as first_order_at, max(placed_at) as last_order_at, max(at) as at
       from news join known on known.realm_id = news.realm_id and known.id = news.customer_id
       group by news.realm_id, customer_id, lifecycle)
     update customers c set lifecycle = case when s.orders > 0 then 'customer' else c.lifecycle end,
       orders_count = c.orders_count + s.orders, spent_base = c.spent_base + s.spent,
       first_order_at = least(c.first_order_at, s.first_order_at),
       last_order_at = greatest(c.last_order_at, s.last_order_at),
       last_activity_at = greatest(c.last_activity_at, s.at), version = c.version + 1,
       updated_at = greatest(c.updated_at, $16)
     from sums s where c.realm_id = s.realm_id and c.id = s.customer_id
     returning c.id, case when s.lifecycle = 'lead' then (
       select order_id from placed where placed.realm_id = c.realm_id and placed.customer_id = c.id
       order by placed_at, order_id limit 1) end";

/// Counts what is heard of for the first time: for the record, its stores and currencies. Answers the orders by which
/// leads became customers. What is told of a record that was merged counts for the one it was merged into.
pub async fn record_sales(tx: &mut Tx, sales: &Sales, now: DateTime<Utc>) -> Result<Vec<OrderId>, Error> {
    let counted = count(tx, sales, now).await?;
    let mut promoted: Vec<OrderId> = counted.iter().filter_map(|(_, order)| *order).collect();
    let left = sales.without(&counted.into_iter().map(|(customer, _)| customer).collect());
    if !left.is_empty() {
        // Repeated, of nobody, or of records that were merged, perhaps while this waited for them.
        let kept = store::kept(tx, &left.customers()).await?;
        let moved = count(tx, &left.moved(&kept), now).await?;
        promoted.extend(moved.into_iter().filter_map(|(_, order)| order));
    }
    Ok(promoted)
}

impl Sales {
    fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.payments.is_empty()
    }

    fn customers(&self) -> Vec<(RealmId, CustomerId)> {
        let orders = self.orders.iter().map(|order| (order.realm, order.customer));
        orders.chain(self.payments.iter().map(|payment| (payment.realm, payment.customer))).collect()
    }

    /// What is of nobody in `customers`.
    fn without(&self, customers: &HashSet<CustomerId>) -> Self {
        let orders = self.orders.iter().filter(|order| !customers.contains(&order.customer));
        let payments = self.payments.iter().filter(|payment| !customers.contains(&payment.customer));
        Self { orders: orders.cloned().collect(), payments: payments.cloned().collect() }
    }

    /// What is of somebody who was merged, as that of the record that was kept.
    fn moved(&self, kept: &HashMap<CustomerId, CustomerId>) -> Self {
        let of = |customer: &CustomerId| kept.get(customer).copied();
        let order = |order: &PlacedOrder| Some(PlacedOrder { customer: of(&order.customer)?, ..order.clone() });
        let payment = |payment: &Payment| Some(Payment { customer: of(&payment.customer)?, ..payment.clone() });
        Self {
            orders: self.orders.iter().filter_map(order).collect(),
            payments: self.payments.iter().filter_map(payment).collect(),
        }
    }
}

/// Runs the statement; answers the customers for whom anything was news, with the order that made each one.
async fn count(tx: &mut Tx, sales: &Sales, now: DateTime<Utc>) -> Result<Vec<(CustomerId, Option<OrderId>)>, Error> {
    if sales.is_empty() {
        return Ok(Vec::new());
    }
    let Sales { orders, payments } = sales;
    let lines = || orders.iter().flat_map(|order| order.products.iter().map(move |product| (order, product)));
    let sql = sqlx::query_as(COUNT)
        .bind(orders.iter().map(|order| order.realm.uuid()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.order.uuid()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.customer.uuid()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.store.uuid()).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| &*order.number).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.at).collect::<Vec<_>>())
        .bind(orders.iter().map(|order| order.currency.code()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.realm.uuid()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.transaction.uuid()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.customer.uuid()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.store.uuid()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.order.uuid()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.amount.currency.code()).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.amount.amount).collect::<Vec<_>>())
        .bind(payments.iter().map(|payment| payment.at).collect::<Vec<_>>())
        .bind(now)
        .bind(lines().map(|(order, _)| order.order.uuid()).collect::<Vec<_>>())
        .bind(lines().map(|(_, product)| product.uuid()).collect::<Vec<_>>());
    Ok(sql.fetch_all(&mut **tx).await?)
}
