//! The SQL of retention.
use chrono::{DateTime, NaiveDate, Utc};
use kit::pool::Pool;
use sqlx::QueryBuilder;

use super::cohort::{Bought, SAMPLE, start};
use crate::{Error, customer::Scope};

/// In which months the cohorts of `months` bought; the last of them is where the one before ends. Of each cohort no more
/// are looked at than the sample and one.
pub async fn bought(db: &Pool, scope: Scope, months: &[NaiveDate]) -> Result<Vec<Bought>, Error> {
    let starts: Vec<DateTime<Utc>> = months.iter().map(|month| start(*month)).collect();
    let ends = starts.get(1..).unwrap_or_default().to_vec();
    let mut sql = QueryBuilder::new("with cohort as (select m.from_at, f.id from unnest(");
    sql.push_bind(starts.get(..ends.len()).unwrap_or_default().to_vec()).push("::timestamptz[], ").push_bind(ends);
    sql.push("::timestamptz[]) as m (from_at, to_at) cross join lateral (");
    match scope.store {
        None => sql.push("select c.id from customers c where c.realm_id = ").push_bind(scope.realm),
        Some(store) => sql
            .push("select c.customer_id as id from customer_stores c where c.realm_id = ")
            .push_bind(scope.realm)
            .push(" and c.store_id = ")
            .push_bind(store),
    };
    sql.push(" and c.first_order_at >= m.from_at and c.first_order_at < m.to_at order by c.first_order_at limit ");
    sql.push_bind(SAMPLE + 1).push(") f) select (c.from_at at time zone 'UTC')::date as cohort,");
    sql.push(" date_trunc('month', o.placed_at at time zone 'UTC')::date as month,");
    sql.push(" count(distinct c.id) as customers from cohort c join customer_orders o on o.realm_id = ");
    sql.push_bind(scope.realm).push(" and o.customer_id = c.id and o.placed_at >= c.from_at");
    if let Some(store) = scope.store {
        sql.push(" and o.store_id = ").push_bind(store);
    }
    sql.push(" group by 1, 2 order by 1, 2");
    Ok(sql.build_query_as().persistent(false).fetch_all(db).await?)
}
