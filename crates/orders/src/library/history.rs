//! What somebody bought, as their orders say: the truth that ledgers are compared with (OR-8).
use std::collections::HashMap;

use kit::ids::{CustomerId, LineId, OrderId, ProductId, RealmId, StoreId};
use sqlx::{PgExecutor, types::Json};

use super::{goods::Inside, repair::Bought};
use crate::error::Error;

/// A digital line of an order that was paid.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Paid {
    order_id: OrderId,
    store_id: StoreId,
    id: LineId,
    product_id: ProductId,
    name: String,
    package: String,
    contents: Option<Json<Vec<Inside>>>,
    quantity: i32,
    /// Who bought it for them.
    giver_id: Option<CustomerId>,
    /// How many were given back; all of what was paid for, when nothing that was paid is left.
    back: i64,
    at: chrono::DateTime<chrono::Utc>,
}

/// The lines of paid orders that are a customer's: what they bought for themselves, and what others bought for them. With a
/// store, only of those that it sold.
pub async fn paid(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    store: Option<StoreId>,
) -> Result<Vec<Paid>, Error> {
    let paid = sqlx::query_as(
        "select l.order_id, o.store_id, l.id, l.product_id, l.name, l.package, l.contents, l.quantity,
           case when g.line_id is not null then o.customer_id end as giver_id,
           case when o.payment_status = 'refunded' and l.subtotal > l.discount then l.quantity else coalesce(back.units, 0) end::bigint as back,
           coalesce(money.at, o.placed_at) as at
         from orders o
         join order_lines l on l.realm_id = o.realm_id and l.order_id = o.id
         left join gifts g on g.realm_id = l.realm_id and g.line_id = l.id
         left join lateral (
           select sum((r.value ->> 'quantity')::bigint) as units
           from refunds f cross join lateral jsonb_array_elements(f.lines) as r
           where f.realm_id = o.realm_id and f.order_id = o.id and f.state = 'succeeded'
             and (r.value ->> 'line')::uuid = l.id) as back on true
         left join lateral (
           select max(t.created_at) as at from transactions t
           where t.realm_id = o.realm_id and t.order_id = o.id and t.status = 'succeeded'
             and t.type in ('payment', 'capture')) as money on true
         where o.realm_id = $1 and coalesce(g.customer_id, o.customer_id) = $2 and o.placed_at is not null
           and o.id in (
             select own.id from orders own
             where own.realm_id = $1 and own.customer_id = $2 and own.placed_at is not null
             union all
             select to_them.order_id from gifts to_them where to_them.realm_id = $1 and to_them.customer_id = $2)
           and o.payment_status in ('paid', 'partially_refunded', 'refunded') and l.kind = 'digital'
           and ($3::uuid is null or o.store_id = $3)
         order by o.placed_at, o.id, l.position",
    );
    Ok(paid.bind(realm).bind(customer).bind(store).fetch_all(db).await?)
}

/// Products among `paid` of which nobody wrote down what was inside: orders of before that was done.
#[must_use]
pub fn unknown(paid: &[Paid]) -> Vec<(StoreId, ProductId)> {
    let holds = |line: &&Paid| line.contents.is_none() && matches!(line.package.as_str(), "bundle" | "combo");
    paid.iter().filter(holds).map(|line| (line.store_id, line.product_id)).collect()
}

/// What `paid` brought, with what is `inside` now where nobody wrote it down.
#[must_use]
pub(crate) fn bought(paid: Vec<Paid>, inside: &HashMap<ProductId, Vec<Inside>>) -> Vec<Bought> {
    let mut all = Vec::new();
    for line in paid {
        let root = line.product_id;
        let contents = line.contents.map_or_else(|| inside.get(&root).cloned().unwrap_or_default(), |held| held.0);
        let units = u32::try_from(line.quantity).unwrap_or_default();
        let one = |product, name| Bought {
            store: line.store_id,
            order: line.order_id,
            line: line.id,
            root,
            product,
            name,
            giver: line.giver_id,
            units,
            back: u32::try_from(line.back).unwrap_or(u32::MAX).min(units),
            at: line.at,
        };
        all.push(one(root, line.name.clone()));
        let others = contents.into_iter().filter(|part| part.product != root.uuid());
        all.extend(others.map(|part| one(ProductId::from_uuid(part.product), part.name)));
    }
    all
}
