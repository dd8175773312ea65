//! Enters what money says: a line that was paid brings what is in it, and units that were paid back take it away again, in
//! the transaction of the money (OR-8, OR-5). As often as one likes.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, OrderId, ProductId, RealmId, StoreId},
    outbox,
};

use super::{What, store, told::told};
use crate::{error::Error, order::Order, refund::Refund};

/// What a line brings: its product, and what was inside it when it was bought.
const PURCHASE: &str = "
    insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
      line_id, units, name, actor, at)
    select l.realm_id, $3, $4, $4, c.product, l.product_id, 'purchase', l.order_id, l.id, l.quantity, c.name, $5, $6
    from order_lines l
    cross join lateral (
      select l.product_id as product, l.name
      union all
      select i.product, i.name from jsonb_to_recordset(coalesce(l.contents, '[]')) as i (product uuid, name text)
      where i.product <> l.product_id) as c
    where l.realm_id = $1 and l.order_id = $2 and l.kind = 'digital'
    order by l.position
    on conflict (realm_id, line_id, product_id) where what = 'purchase' do nothing
    returning product_id";

/// Units of lines that were paid back, of everything that the lines brought.
const REFUND: &str = "
    insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
      line_id, refund_id, units, name, actor, at)
    select p.realm_id, p.store_id, p.customer_id, $4, p.product_id, p.root_id, 'refund', p.order_id, p.line_id, $3,
      n.units, p.name, $7, $8
    from unnest($5::uuid[], $6::bigint[]) as n (line, units)
    join library_entries p on p.realm_id = $1 and p.order_id = $2 and p.line_id = n.line and p.what = 'purchase'
    on conflict (realm_id, refund_id, line_id, product_id) where what = 'refund' and refund_id is not null do nothing
    returning product_id";

/// Everything that an order brought, when nothing of what was paid is left.
const NOTHING_LEFT: &str = "
    insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
      line_id, units, name, actor, at)
    select p.realm_id, p.store_id, p.customer_id, $3, p.product_id, p.root_id, 'refund', p.order_id, p.line_id,
      p.units, p.name, $4, $5
    from library_entries p
    where p.realm_id = $1 and p.order_id = $2 and p.what = 'purchase'
    returning product_id";

/// Enters what `order`, which was paid at `now`, brings.
pub async fn enter_purchase(tx: &mut Tx, order: &Order, (actor, now): (&str, DateTime<Utc>)) -> Result<(), Error> {
    store::hold(tx, order.customer).await?;
    let entered = sqlx::query_scalar::<_, ProductId>(PURCHASE).bind(order.realm).bind(order.id).bind(order.store);
    let entered = entered.bind(order.customer).bind(actor).bind(now).fetch_all(&mut **tx).await?;
    tell(tx, order, (What::Purchase, entered), now);
    Ok(())
}

/// Enters that units of lines of `order` were paid back by `refund`, or, with `all`, that nothing that was paid is left.
pub async fn enter_refund(
    tx: &mut Tx,
    order: &Order,
    (refund, all): (Option<&Refund>, bool),
    (actor, now): (&str, DateTime<Utc>),
) -> Result<(), Error> {
    store::hold(tx, order.customer).await?;
    let mut entered: Vec<ProductId> = Vec::new();
    if let Some(refund) = refund.filter(|refund| !refund.lines.is_empty()) {
        let sql = sqlx::query_scalar::<_, ProductId>(REFUND)
            .bind(order.realm)
            .bind(order.id)
            .bind(refund.id)
            .bind(order.customer);
        let sql = sql.bind(refund.lines.iter().map(|line| line.line().uuid()).collect::<Vec<_>>());
        let sql = sql.bind(refund.lines.iter().map(|line| i64::from(line.quantity)).collect::<Vec<_>>());
        entered.extend(sql.bind(actor).bind(now).fetch_all(&mut **tx).await?);
    }
    if all {
        let sql =
            sqlx::query_scalar::<_, ProductId>(NOTHING_LEFT).bind(order.realm).bind(order.id).bind(order.customer);
        entered.extend(sql.bind(actor).bind(now).fetch_all(&mut **tx).await?);
    }
    entered.sort_unstable();
    entered.dedup();
    tell(tx, order, (What::Refund, entered), now);
    Ok(())
}

fn tell(tx: &mut Tx, order: &Order, (what, products): (What, Vec<ProductId>), now: DateTime<Utc>) {
    if products.is_empty() {
        return;
    }
    let whose: (RealmId, StoreId, CustomerId) = (order.realm, order.store, order.customer);
    let by: Option<OrderId> = Some(order.id);
    outbox::publish(tx, &told(whose, (what, by), &products, now));
}
