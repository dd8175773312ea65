//! Whether the books of orders agree with each other: lines, payments, ledger, receipts and orders. Nothing of money is put
//! right here, since what is wrong with it has to be looked at by people; a receipt that is missing is issued.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    ids::OrderId,
    pool::Pool,
    reconcile::{self, Place},
};
use proto::base::v1::InspectResponse;
use uuid::Uuid;

use super::grpc::Wanted;
use crate::{error::Error, payment::payment::REDIRECT, receipt};

/// How much later than due a payment is still at work: the reaper tries again as long as its gateway is away.
const LATE: TimeDelta = TimeDelta::minutes(10);

/// The one thing that is put right.
const RECEIPT: &str = "missing_receipt";

#[derive(sqlx::FromRow)]
struct Row {
    realm_id: Uuid,
    id: OrderId,
    /// The slugs of what is wrong.
    wrong: Vec<String>,
}

/// Looks at a page of orders, as they are at `now`; `repair` has receipts issued that are missing.
pub async fn page(db: &Pool, wanted: Wanted<'_>, now: DateTime<Utc>, repair: bool) -> Result<InspectResponse, Error> {
    let after: Place = wanted.after.parse()?;
    let rows: Vec<Row> = sqlx::query_as(
        "select o.realm_id, o.id, array_remove(array[
           case when l.subtotal is distinct from o.subtotal then 'wrong_order_sum' end,
           case when o.payment_status = 'paid' and coalesce(t.amount, 0) < o.total then 'paid_without_payment' end,
           case when t.back > coalesce(t.amount, 0) then 'refunded_too_much' end,
           case when o.placed_at is null and (t.amount > 0 or p.arrived) then 'payment_without_order' end,
           case when p.captured and t.amount is null then 'payment_without_entry' end,
           case when p.stuck then 'stuck_payment' end,
           case when r.stuck then 'stuck_refund' end,
           case when o.placed_at is not null and t.amount >= o.total and n.receipts < 1 + t.returns and not n.due
             then 'missing_receipt' end], null) as wrong
         from (select * from orders where (realm_id, id) > ($1, $2) and created_at <= $3
               order by realm_id, id limit $4) o
         cross join lateral (select sum(subtotal)::bigint as subtotal from order_lines
           where realm_id = o.realm_id and order_id = o.id) l
         cross join lateral (
           select sum(amount) filter (where type in ('payment', 'capture'))::bigint as amount,
             sum(amount) filter (where type = 'refund')::bigint as back,
             count(*) filter (where type = 'refund' and amount <> 0) as returns
           from transactions where realm_id = o.realm_id and order_id = o.id and status = 'succeeded') t
         cross join lateral (select bool_or(state = 'started' and created_at < $5) as stuck
           from refunds where realm_id = o.realm_id and order_id = o.id) r
         cross join lateral (select bool_or(state in ('accepted', 'captured')) as arrived,
             bool_or(state = 'captured') as captured,
             bool_or(state = 'started' and created_at < $5 or state = 'redirected' and created_at < $6) as stuck
           from payments where realm_id = o.realm_id and order_id = o.id) p
         cross join lateral (select
             (select count(*) from receipts where realm_id = o.realm_id and order_id = o.id) as receipts,
             exists (select from receipts_due where realm_id = o.realm_id and order_id = o.id) as due) n
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
    let lacks = |row: &&Row| row.wrong.iter().any(|kind| kind == RECEIPT);
    let lacking: Vec<_> = rows.iter().filter(lacks).map(|row| row.id).collect();
    if repair && !lacking.is_empty() {
        receipt::store::enlist(db, &lacking).await?;
    }
    let found = rows.iter().flat_map(|row| {
        row.wrong.iter().map(|kind| reconcile::discrepancy(kind, row.id, 1, repair && kind == RECEIPT))
    });
    Ok(InspectResponse { discrepancies: found.collect(), seen, next })
}
