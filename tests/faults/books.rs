//! The books of the house, compared: what clients were told, orders, payments, the gateway's charges, customers' figures,
//! carts, confirmations, and what still waits.
use std::fmt::Write;

use anyhow::Context;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// Services with tables of their own.
const SERVICES: [&str; 7] = ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"];

/// Each counts what must not be; `$1` are the orders that clients were told of.
const RULES: [(&str, &str); 8] = [
    (
        "acknowledged orders without exactly one captured payment and one entry in the ledger",
        "select count(*) from unnest($1::uuid[]) as told (id)
           left join orders.orders o on o.id = told.id and o.placed_at is not null
             and o.payment_status in ('paid', 'partially_refunded', 'refunded')
           left join (select order_id, count(*) as n from orders.payments where state = 'captured' group by order_id) p
             on p.order_id = told.id
           left join (select order_id, count(*) as n from orders.transactions
                      where type = 'payment' and status = 'succeeded' group by order_id) t on t.order_id = told.id
         where o.id is null or p.n is distinct from 1 or t.n is distinct from 1",
    ),
    (
        "placed orders that nobody was told of",
        "select count(*) from orders.orders o where o.placed_at is not null and o.subscription_id is null
           and not exists (select from unnest($1::uuid[]) as told (id) where told.id = o.id)",
    ),
    (
        "orders charged more than once",
        "select count(*) from (select 1 from orders.test_gateway_charges c join orders.payments p on p.id = c.payment_id
                               where c.state = 'charged' group by p.order_id having count(*) > 1) as twice",
    ),
    (
        "charges without a paid order",
        "select count(*) from orders.test_gateway_charges c
           left join orders.payments p on p.id = c.payment_id
           left join orders.orders o on o.id = p.order_id and o.placed_at is not null and o.total = c.amount
         where c.state = 'charged' and (p.state is distinct from 'captured' or o.id is null)",
    ),
    (
        "payments that hang",
        "select count(*) from orders.payments where state in ('started', 'redirected')",
    ),
    (
        "customers whose figures are not what their orders say",
        "select count(*) from customers.customers c
           left join (select o.customer_id, count(*) as orders, sum(o.total) as spent, sum(coalesce(t.back, 0)) as back
                      from orders.orders o
                      left join (select order_id, sum(amount) as back from orders.transactions
                                 where type = 'refund' and status = 'succeeded' group by order_id) t on t.order_id = o.id
                      where o.placed_at is not null group by o.customer_id) o on o.customer_id = c.id
           left join customers.customer_stores s on s.customer_id = c.id
           left join customers.customer_spend m on m.customer_id = c.id
         where (c.orders_count, c.spent_base) is distinct from (coalesce(o.orders, 0), coalesce(o.spent - o.back, 0))
            or o.orders is not null and ((s.orders_count, s.spent_base) is distinct from (o.orders, o.spent - o.back)
                                      or (m.orders_count, m.captured - m.refunded)
                                           is distinct from (o.orders, o.spent - o.back)
                                      or c.lifecycle <> 'customer')",
    ),
    (
        "placed orders whose cart is not closed by them",
        "select count(*) from orders.orders o left join carts.carts c on c.id = o.cart_id
         where o.placed_at is not null and o.subscription_id is null and (c.status, c.order_id) is distinct from ('closed', o.id)",
    ),
    (
        "placed orders without exactly one confirmation in the log",
        "select count(*) from orders.orders o
           left join (select reference, count(*) as n from notifications.messages
                      where template = 'order_confirmation' group by reference) m
             on m.reference = 'ord_' || replace(o.id::text, '-', '')
         where o.placed_at is not null and o.subscription_id is null and m.n is distinct from 1",
    ),
];

/// The rules that do not hold, each with how many break it.
pub async fn faults(db: &mut PgConnection, told: &[Uuid]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (rule, sql) in RULES {
        let count: i64 = sqlx::query_scalar(sql).bind(told).fetch_one(&mut *db).await.with_context(|| rule)?;
        if count > 0 {
            faults.push(format!("{count} {rule}"));
        }
    }
    faults.extend(events(db).await?);
    Ok(faults)
}

/// Events that wait to be carried, and dead letters.
async fn events(db: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for service in SERVICES {
        let sql = format!(
            "select (select count(*) from {service}.outbox where published_at is null),
                    (select count(*) from {service}.dead_letters),
                    (select coalesce(max(error), '') from {service}.dead_letters)"
        );
        let (waiting, dead, why): (i64, i64, String) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *db).await?;
        let mut fault = String::new();
        if waiting > 0 {
            write!(fault, "{waiting} events of {service} wait ")?;
        }
        if dead > 0 {
            write!(fault, "{dead} dead letters of {service} ({why})")?;
        }
        faults.extend(Some(fault).filter(|fault| !fault.is_empty()));
    }
    Ok(faults)
}

/// Acknowledged orders that are not there, and orders that were charged or counted twice.
pub async fn lost_and_doubled(db: &mut PgConnection, told: &[Uuid]) -> anyhow::Result<(i64, i64)> {
    let lost = "select count(*) from unnest($1::uuid[]) as told (id) where not exists
                  (select from orders.orders o where o.id = told.id and o.placed_at is not null)";
    let doubled = "select (select count(*) from (select 1 from orders.test_gateway_charges c
                             join orders.payments p on p.id = c.payment_id
                             where c.state = 'charged' group by p.order_id having count(*) > 1) as charged)
                        + (select count(*) from customers.customers c
                             left join (select customer_id, count(*) as n from orders.orders
                                        where placed_at is not null group by customer_id) o on o.customer_id = c.id
                           where c.orders_count > coalesce(o.n, 0))
                        + (select count(*) from (select 1 from notifications.messages
                             where template = 'order_confirmation' group by reference having count(*) > 1) as confirmed)";
    let lost = sqlx::query_scalar(lost).bind(told).fetch_one(&mut *db).await?;
    Ok((lost, sqlx::query_scalar(doubled).fetch_one(db).await?))
}

/// Mails that the log has.
pub async fn mails(db: &mut PgConnection) -> anyhow::Result<usize> {
    let mails = "select count(*) from notifications.messages where channel = 'email'";
    Ok(usize::try_from(sqlx::query_scalar::<_, i64>(mails).fetch_one(db).await?)?)
}

/// Confirmations that are not sent yet.
pub async fn unsent(db: &mut PgConnection) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar("select count(*) from notifications.messages where status <> 'sent'").fetch_one(db).await?)
}
