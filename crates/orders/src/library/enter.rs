//! Enters what money says: a line that was paid brings what is in it, and units that were paid back take it away again, in
//! the transaction of the money (OR-8, OR-5). As often as one likes.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, LineId, OrderId, ProductId, RealmId, StoreId},
    outbox,
};

use super::{What, told::told};
use crate::{
    error::Error,
    gift::store::{given as given_of, hold_ledgers},
    order::Order,
    refund::Refund,
};

/// What a line brings: its product, and what was inside it when it was bought. What is a gift is not its buyer's, nor anybody's
/// when whom it was for was erased meanwhile.
const PURCHASE: &str = "
    insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
      line_id, units, name, actor, at, giver_id)
    select l.realm_id, $3, coalesce(g.customer_id, $4), coalesce(g.customer_id, $4), c.product, l.product_id, 'purchase',
      l.order_id, l.id, l.quantity, c.name, $5, $6, case when g.line_id is not null then $4 end
    from order_lines l
    left join gifts g on g.realm_id = l.realm_id and g.line_id = l.id
    cross join lateral (
      select l.product_id as product, l.name
      union all
      select i.product, i.name from jsonb_to_recordset(coalesce(l.contents, '[]')) as i (product uuid, name text)
      where i.product <> l.product_id) as c
    where l.realm_id = $1 and l.order_id = $2 and l.kind = 'digital'
      and not exists (select from erasures e where e.realm_id = $1 and e.customer_id = g.customer_id)
    order by l.position
    on conflict (realm_id, line_id, product_id) where what = 'purchase' do nothing
    returning customer_id, product_id, case when giver_id is not null and product_id = root_id then line_id end";

/// Units of lines that were paid back, of everything that the lines brought. What was taken away by a refund that failed
/// afterwards is not taken once more by the one that is made in its place.
const REFUND: &str = "
    insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
      line_id, refund_id, units, name, actor, at, giver_id)
    select p.realm_id, p.store_id, p.customer_id, case when p.giver_id is null then $4 else p.customer_id end,
      p.product_id, p.root_id, 'refund', p.order_id, p.line_id, $3, least(n.units, l.refunded - back.units), p.name, $7, $8,
      p.giver_id
    from unnest($5::uuid[], $6::bigint[]) as n (line, units)
    join library_entries p on p.realm_id = $1 and p.order_id = $2 and p.line_id = n.line and p.what = 'purchase'
    join order_lines l on l.realm_id = p.realm_id and l.order_id = p.order_id and l.id = p.line_id
    cross join lateral (
      select coalesce(sum(r.units), 0) as units from library_entries r
      where r.realm_id = p.realm_id and r.order_id = p.order_id and r.line_id = p.line_id and r.product_id = p.product_id
        and r.what = 'refund') as back
    where l.refunded > back.units
    on conflict (realm_id, refund_id, line_id, product_id) where what = 'refund' and refund_id is not null do nothing
    returning customer_id, product_id, null::uuid";

/// Everything paid for that an order brought, when nothing of what was paid is left. What was free is taken back by name.
const NOTHING_LEFT: &str = "
    insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
      line_id, units, name, actor, at, giver_id)
    select p.realm_id, p.store_id, p.customer_id, case when p.giver_id is null then $3 else p.customer_id end,
      p.product_id, p.root_id, 'refund', p.order_id, p.line_id, p.units, p.name, $4, $5, p.giver_id
    from library_entries p
    join order_lines l on l.realm_id = p.realm_id and l.order_id = p.order_id and l.id = p.line_id
      and l.subtotal > l.discount
    where p.realm_id = $1 and p.order_id = $2 and p.what = 'purchase'
    returning customer_id, product_id, null::uuid";

/// What was entered: whose, what, and the line of what was given to them.
type Entered = (CustomerId, ProductId, Option<LineId>);

/// Enters what `order`, which was paid at `now`, brings.
pub async fn enter_purchase(tx: &mut Tx, order: &Order, (actor, now): (&str, DateTime<Utc>)) -> Result<(), Error> {
    hold_ledgers(tx, order).await?;
    let entered = sqlx::query_as::<_, Entered>(PURCHASE).bind(order.realm).bind(order.id).bind(order.store);
    let entered = entered.bind(order.customer).bind(actor).bind(now).fetch_all(&mut **tx).await?;
    let given: Vec<LineId> = entered.iter().filter_map(|(.., line)| *line).collect();
    tell(tx, order, (What::Purchase, entered), now);
    if !given.is_empty() {
        for gift in given_of(tx, order, (&given, now)).await? {
            outbox::publish(tx, &gift);
        }
    }
    Ok(())
}

/// Enters that units of lines of `order` were paid back by `refund`, or, with `all`, that nothing that was paid is left.
pub async fn enter_refund(
    tx: &mut Tx,
    order: &Order,
    (refund, all): (Option<&Refund>, bool),
    (actor, now): (&str, DateTime<Utc>),
) -> Result<(), Error> {
    hold_ledgers(tx, order).await?;
    let mut entered: Vec<Entered> = Vec::new();
    if let Some(refund) = refund.filter(|refund| !refund.lines.is_empty()) {
        let sql =
            sqlx::query_as::<_, Entered>(REFUND).bind(order.realm).bind(order.id).bind(refund.id).bind(order.customer);
        let sql = sql.bind(refund.lines.iter().map(|line| line.line().uuid()).collect::<Vec<_>>());
        let sql = sql.bind(refund.lines.iter().map(|line| i64::from(line.quantity)).collect::<Vec<_>>());
        entered.extend(sql.bind(actor).bind(now).fetch_all(&mut **tx).await?);
    }
    if all {
        let sql = sqlx::query_as::<_, Entered>(NOTHING_LEFT).bind(order.realm).bind(order.id).bind(order.customer);
        entered.extend(sql.bind(actor).bind(now).fetch_all(&mut **tx).await?);
    }
    tell(tx, order, (What::Refund, entered), now);
    Ok(())
}

/// Tells of each library that changed.
fn tell(tx: &mut Tx, order: &Order, (what, entered): (What, Vec<Entered>), now: DateTime<Utc>) {
    let mut changed: BTreeMap<CustomerId, BTreeSet<ProductId>> = BTreeMap::new();
    for (customer, product, _) in entered {
        changed.entry(customer).or_default().insert(product);
    }
    for (customer, products) in changed {
        let whose: (RealmId, StoreId, CustomerId) = (order.realm, order.store, customer);
        let what = if what == What::Purchase && customer != order.customer { What::Gift } else { what };
        let products: Vec<_> = products.into_iter().collect();
        // Whose order a gift came by is nobody else's business.
        let by: Option<OrderId> = Some(order.id).filter(|_| customer == order.customer);
        outbox::publish(tx, &told(whose, (what, by), &products, now));
    }
}
