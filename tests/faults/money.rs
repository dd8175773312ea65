//! The books of money that goes back, comes again each month, and is told of by Stripe.
use std::collections::BTreeMap;

use anyhow::Context;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::till::Books;

/// Each counts what must not be; `$1` are the refunds and `$2` the events that somebody was told of, `$3` the refunds of the
/// house that have failed at Stripe, `$4` what Stripe calls those that were made there by hand, and `$5` those of them that
/// have failed.
const RULES: [(&str, &str); 10] = [
    (
        "acknowledged refunds that did not go back, or did though Stripe says that they failed",
        "select count(*) from unnest($1::uuid[]) as told (id)
           left join orders.refunds r on r.id = told.id
             and r.state = case when told.id = any($3::uuid[]) then 'failed' else 'succeeded' end where r.id is null",
    ),
    (
        "refunds made by hand that the ledger does not have once, or has though they failed",
        "select count(*) from unnest($4::text[]) as made (name)
           left join (select reference, count(*) filter (where amount > 0) as n, sum(amount) as back
                      from orders.transactions where type = 'refund' and status = 'succeeded' group by reference) t
             on t.reference = made.name
         where case when made.name = any($5::text[]) then coalesce(t.back, 0) <> 0 or coalesce(t.n, 0) > 1
               else t.n is distinct from 1 or t.back <= 0 end",
    ),
    ("refunds that nobody was told of", "select count(*) from orders.refunds where not id = any($1)"),
    (
        "orders whose ledger does not have each refund once",
        "select count(*) from orders.orders o
           left join (select order_id, count(*) as n, sum(amount) as back from orders.refunds
                      where state = 'succeeded' group by order_id) r on r.order_id = o.id
           left join (select order_id, count(*) filter (where amount > 0) - count(*) filter (where amount < 0) as n,
                        sum(amount) as back from orders.transactions
                      where type = 'refund' and status = 'succeeded' and not reference = any($4::text[])
                      group by order_id) t on t.order_id = o.id
         where (coalesce(r.n, 0), coalesce(r.back, 0)) is distinct from (coalesce(t.n, 0), coalesce(t.back, 0))",
    ),
    (
        "orders of which more went back than was captured",
        "select count(*) from (select order_id from orders.transactions where status = 'succeeded' group by order_id
           having sum(case when type = 'refund' then -amount else amount end) < 0) as odd",
    ),
    (
        "refunds of which the test gateway says otherwise",
        "select count(*) from (select * from orders.refunds where gateway = 'test') r
           full join orders.test_gateway_refunds g on g.refund_id = r.id
         where (r.state, r.amount) is distinct from ('succeeded', g.amount) or g.state <> 'returned'",
    ),
    (
        "subscriptions whose periods were not renewed once each",
        "select count(*) from orders.subscriptions s
           left join (select subscription_id, count(*) as n, count(distinct subscription_cycle) as cycles
                      from orders.orders where placed_at is not null group by subscription_id) o on o.subscription_id = s.id
         where (s.cycle, s.cycle) is distinct from (coalesce(o.n, 0), coalesce(o.cycles, 0))",
    ),
    (
        "renewals that were not charged once",
        "select count(*) from (select o.id from orders.orders o
           left join orders.payments p on p.order_id = o.id and p.state = 'captured'
           left join orders.transactions t on t.order_id = o.id and t.type = 'payment' and t.status = 'succeeded'
           where o.subscription_id is not null and o.placed_at is not null
           group by o.id having count(distinct p.id) <> 1 or count(distinct t.id) <> 1) as odd",
    ),
    (
        "subscriptions that wait to be renewed",
        "select count(*) from orders.subscriptions
         where state <> 'active' or charging_id is not null or renews_at <= now()",
    ),
    (
        "acknowledged webhooks that were not taken in",
        "select count(*) from unnest($2::text[]) as told (id)
         where not exists (select from orders.stripe_events e where e.id = told.id)",
    ),
];

/// The rules that do not hold, each with how many break it; `stripe` is what Stripe's own books say.
pub async fn faults(
    db: &mut PgConnection,
    (refunds, events): (&[Uuid], &[String]),
    stripe: &Books,
) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (rule, sql) in RULES {
        let count = sqlx::query_scalar(sql).bind(refunds).bind(events);
        let count = count.bind(&stripe.failed).bind(&stripe.by_hand).bind(&stripe.by_hand_failed);
        let count: i64 = count.fetch_one(&mut *db).await.with_context(|| rule)?;
        if count > 0 {
            faults.push(format!("{count} {rule}"));
        }
    }
    let odd = differing(db, &stripe.payments).await?;
    if odd > 0 {
        faults.push(format!("{odd} payments of which Stripe's books say otherwise than the ledger"));
    }
    Ok(faults)
}

/// How many payments one of the two books does not have, or has otherwise.
async fn differing(db: &mut PgConnection, stripe: &[(String, i64, i64)]) -> anyhow::Result<usize> {
    let ledger: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "select s.intent, count(*) filter (where t.type = 'payment'),
           coalesce(sum(t.amount) filter (where t.type = 'payment'), 0)::bigint,
           coalesce(sum(t.amount) filter (where t.type = 'refund'), 0)::bigint
         from orders.stripe_payments s join orders.transactions t on t.payment_id = s.payment_id and t.status = 'succeeded'
         where s.intent is not null group by s.intent",
    )
    .fetch_all(db)
    .await?;
    let ours: BTreeMap<&str, (i64, i64, i64)> =
        ledger.iter().map(|(name, count, paid, back)| (&**name, (*count, *paid, *back))).collect();
    let is_same = |(name, paid, back): &&(String, i64, i64)| ours.get(&**name) == Some(&(1, *paid, *back));
    let same = stripe.iter().filter(is_same).count();
    Ok(stripe.len().max(ours.len()) - same)
}

/// Acknowledged refunds that are not there; and refunds and renewals that were booked twice.
pub async fn lost_and_doubled(db: &mut PgConnection, refunds: &[Uuid], stripe: &Books) -> anyhow::Result<(i64, i64)> {
    let lost = "select count(*) from unnest($1::uuid[]) as told (id)
                where not exists (select from orders.refunds r where r.id = told.id
                                    and (r.state <> 'failed' or r.id = any($2::uuid[])))";
    let doubled = "select (select count(*) from (select order_id from orders.transactions where status = 'succeeded'
                             group by order_id having sum(case when type = 'refund' then -amount else amount end) < 0) as a)
                        + (select count(*) from (select subscription_id from orders.orders
                             where subscription_id is not null and placed_at is not null
                             group by subscription_id, subscription_cycle having count(*) > 1) as b)
                        + (select count(*) from (select payment_id from orders.transactions
                             where type = 'payment' and status = 'succeeded' and payment_id is not null
                             group by payment_id having count(*) > 1) as c)";
    let lost = sqlx::query_scalar(lost).bind(refunds).bind(&stripe.failed).fetch_one(&mut *db).await?;
    Ok((lost, sqlx::query_scalar(doubled).fetch_one(db).await?))
}
