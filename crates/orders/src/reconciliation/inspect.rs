//! Whether the books of orders agree with each other: lines, payments, ledger and orders. Nothing is put right here,
//! since what is wrong with money has to be looked at by people.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    ids::OrderId,
    pool::Pool,
    reconcile::{self, Place},
};
use proto::base::v1::InspectResponse;
use uuid::Uuid;

use super::grpc::Wanted;
use crate::{error::Error, payment::payment::REDIRECT};

/// How much later than due a payment is still at work: the reaper tries again as long as its gateway is away.
const LATE: TimeDelta = TimeDelta::minutes(10);

#[derive(sqlx::FromRow)]
struct Row {
    realm_id: Uuid,
    id: OrderId,
    /// The slugs of what is wrong.
    wrong: Vec<String>,
}

/// Looks at a page of orders, as they are at `now`.
pub async fn page(db: &Pool, wanted: Wanted<'_>, now: DateTime<Utc>) -> Result<InspectResponse, Error> {
    let after: Place = wanted.after.parse()?;
    let rows: Vec<Row> = sqlx::query_as(
        "select o.realm_id, o.id, array_remove(array[
           case when l.subtotal is distinct from o.subtotal then 'wrong_order_sum' end,
           case when o.payment_status = 'paid' and coalesce(t.amount, 0) < o.total then 'paid_without_payment' end,
           case when t.back > coalesce(t.amount, 0) then 'refunded_too_much' end,
           case when o.placed_at is null and (t.amount > 0 or p.arrived) then 'payment_without_order' end,
           case when p.captured and t.amount is null then 'payment_without_entry' end,
           case when p.stuck then 'stuck_payment' end,
           case when r.stuck then 'stuck_refund' end], null) as wrong
         from (select * from orders where (realm_id, id) > ($1, $2) and created_at <= $3
               order by realm_id, id limit $4) o
         cross join lateral (select sum(subtotal)::bigint as subtotal from order_lines
           where realm_id = o.realm_id and order_id = o.id) l
         cross join lateral (
           select sum(amount) filter (where type in ('payment', 'capture'))::bigint as amount,
             sum(amount) filter (where type = 'refund')::bigint as back
           from transactions where realm_id = o.realm_id and order_id = o.id and status = 'succeeded') t
         cross join lateral (select bool_or(state = 'started' and created_at < $5) as stuck
           from refunds where realm_id = o.realm_id and order_id = o.id) r
         cross join lateral (select bool_or(state in ('accepted', 'captured')) as arrived,
             bool_or(state = 'captured') as captured,
             bool_or(state = 'started' and created_at < $5 or state = 'redirected' and created_at < $6) as stuck
           from payments where realm_id = o.realm_id and order_id = o.id) p
         order by o.realm_id, o.id",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(wanted.until)
    .bind(wanted.limit)
    .bind(now - LATE)
    .bind(now - LATE - REDIRECT)
    .fetch_all(db)
    .await?;
    let last = rows.last().map(|row| Place { realm_id: row.realm_id, id: row.id.uuid() });
    let next = reconcile::next(rows.len(), wanted.limit, last);
    let seen = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let found = rows.iter().flat_map(|row| row.wrong.iter().map(|kind| reconcile::discrepancy(kind, row.id, 1, false)));
    Ok(InspectResponse { discrepancies: found.collect(), seen, next })
}
