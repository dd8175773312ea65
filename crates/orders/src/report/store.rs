//! All SQL of reports.
use kit::ids::{RealmId, StoreId};
use sqlx::{PgExecutor, QueryBuilder};

use super::report::Question;
use crate::error::Error;

/// Most rows of a report.
pub const MOST: usize = 500;

/// What the orders of one key come to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// The key.
    pub key: String,
    /// ISO 4217 code.
    pub currency: String,
    /// How many.
    pub orders: i64,
    /// What was to be paid.
    pub revenue: i64,
    /// What was given back.
    pub refunded: i64,
    /// What commissions are counted on.
    pub commission_base: i64,
}

/// Of one order: what its lines come to with tax and without, and how much went back, of it and for shipping. Of what went
/// back for goods, the same share is without tax as of the goods themselves; one rounding per order.
const PARTS: &str = "cross join lateral (
       select o.subtotal - o.discount + coalesce(sum(l.tax), 0)::bigint as gross,
         o.subtotal - o.discount - coalesce(sum(l.included_tax), 0)::bigint as net
       from order_lines l where l.realm_id = o.realm_id and l.order_id = o.id) as goods
     cross join lateral (
       select coalesce(sum(t.amount), 0)::bigint as back from transactions t
       where t.realm_id = o.realm_id and t.order_id = o.id and t.type = 'refund' and t.status = 'succeeded') as ledger
     cross join lateral (
       select least(greatest(ledger.back - coalesce(sum(r.shipping), 0)::bigint, 0), goods.gross) as goods from refunds r
       where r.realm_id = o.realm_id and r.order_id = o.id and r.state = 'succeeded') as returned";

/// What placed orders of a realm, or of one store of it, come to; one row more than a report has when there are more. One
/// statement over an index of the orders of which anything is known.
pub async fn report(
    db: impl PgExecutor<'_>,
    (realm, store): (RealmId, Option<StoreId>),
    question: &Question,
) -> Result<Vec<Row>, Error> {
    let key = question.by.sql();
    let mut sql = QueryBuilder::new("select ");
    sql.push(key).push(
        " as key, o.currency, count(*) as orders, sum(o.total)::bigint as revenue, sum(ledger.back)::bigint as refunded,
          sum(case when o.payment_status in ('pending', 'failed') then 0 else
            goods.net - coalesce(round(goods.net::numeric * returned.goods / nullif(goods.gross, 0)), 0) end)::bigint
            as commission_base
          from orders o ",
    );
    sql.push(PARTS).push(" where o.realm_id = ").push_bind(realm);
    if let Some(store) = store {
        sql.push(" and o.store_id = ").push_bind(store);
    }
    sql.push(" and o.attribution <> '{}' and o.placed_at is not null and o.placed_at >= ").push_bind(question.from);
    sql.push(" and o.placed_at < ").push_bind(question.to);
    sql.push(" and o.status <> 'cancelled' and ").push(key).push(" is not null");
    if let Some(currency) = &question.currency {
        sql.push(" and o.currency = ").push_bind(currency.clone());
    }
    sql.push(" group by 1, 2 order by revenue desc, 1, 2 limit ")
        .push_bind(i64::try_from(MOST + 1).unwrap_or(i64::MAX));
    Ok(sql.build_query_as().persistent(false).fetch_all(db).await?)
}
