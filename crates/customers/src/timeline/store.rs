//! All SQL of timelines.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId},
    page::Page,
};
use sqlx::{PgConnection, Postgres, QueryBuilder, postgres::PgExecutor};

use super::Moment;
use crate::{Error, customer::Scope};

/// Writes moments of records that are there, and holds those against merges and erasures meanwhile; answers whose.
const ADD: &str = "with told as (
       select t.*, coalesce(m.kept_id, t.customer_id) as owner_id
       from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                   $9::text[], $10::text[])
         as t (realm_id, customer_id, at, kind, subject, store_id, actor_kind, actor, impersonator, state)
       left join merged_customers m on m.realm_id = t.realm_id and m.gone_id = t.customer_id),
     held as (
       select c.realm_id, c.id from customers c
       join (select distinct realm_id, owner_id from told) o on o.realm_id = c.realm_id and o.owner_id = c.id
       order by c.realm_id, c.id for key share of c),
     added as (
       insert into timeline
         (realm_id, customer_id, at, kind, subject, store_id, actor_kind, actor, impersonator, state)
       select told.realm_id, owner_id, at, kind, subject, store_id, actor_kind, actor, impersonator, state
       from told join held on held.realm_id = told.realm_id and held.id = told.owner_id
       on conflict do nothing)
     select distinct told.customer_id from told
     join held on held.realm_id = told.realm_id and held.id = told.owner_id";

/// Adds what is news. What is told of a record that was merged goes to the one it became; of nobody, nowhere.
pub async fn add(tx: &mut Tx, moments: &[Moment]) -> Result<(), Error> {
    if moments.is_empty() {
        return Ok(());
    }
    let held: HashSet<CustomerId> = insert(tx, moments).await?.into_iter().collect();
    let left: Vec<_> = moments.iter().filter(|moment| !held.contains(&moment.customer)).cloned().collect();
    if !left.is_empty() {
        // Merged while this waited for them, or nobody's.
        insert(tx, &left).await?;
    }
    Ok(())
}

async fn insert(db: &mut PgConnection, moments: &[Moment]) -> Result<Vec<CustomerId>, Error> {
    fn all<T>(moments: &[Moment], of: impl Fn(&Moment) -> T) -> Vec<T> {
        moments.iter().map(of).collect()
    }
    let add = sqlx::query_scalar(ADD)
        .bind(all(moments, |moment| moment.realm.uuid()))
        .bind(all(moments, |moment| moment.customer.uuid()))
        .bind(all(moments, |moment| moment.at))
        .bind(all(moments, |moment| moment.kind.clone()))
        .bind(all(moments, |moment| moment.subject.clone()))
        .bind(all(moments, |moment| moment.store.map(kit::ids::StoreId::uuid)))
        .bind(all(moments, |moment| moment.actor_kind.clone()))
        .bind(all(moments, |moment| moment.actor.clone()))
        .bind(all(moments, |moment| moment.impersonator.clone()))
        .bind(all(moments, |moment| moment.state.clone()));
    Ok(add.fetch_all(db).await?)
}

/// Moves what happened to `gone` to `kept`.
pub async fn follow(db: &mut PgConnection, realm: RealmId, [gone, kept]: [CustomerId; 2]) -> Result<u64, Error> {
    let follow = "with gone as (delete from timeline where realm_id = $1 and customer_id = $2 returning *)
         insert into timeline (realm_id, customer_id, at, kind, subject, store_id, actor_kind, actor, impersonator, state)
         select realm_id, $3, at, kind, subject, store_id, actor_kind, actor, impersonator, state from gone
         on conflict do nothing";
    Ok(sqlx::query(follow).bind(realm).bind(gone).bind(kept).execute(db).await?.rows_affected())
}

/// Where all of it is told: the timeline, and what has tables of its own.
const SOURCES: [&str; 5] = [
    "select realm_id, customer_id, at, kind, subject, store_id, actor_kind, actor, impersonator, state,
       null::bigint as amount, '' as currency from timeline",
    "select o.realm_id, o.customer_id, o.placed_at as at, 'order.placed' as kind,
       'ord_' || replace(o.order_id::text, '-', '') as subject, o.store_id, 'customer' as actor_kind,
       'cus_' || replace(o.customer_id::text, '-', '') as actor, '' as impersonator, '' as state, null::bigint as amount,
       '' as currency
     from customer_orders o where not exists (
       select from timeline t where t.realm_id = o.realm_id and t.customer_id = o.customer_id and t.at = o.placed_at
         and t.kind = 'order.placed' and t.subject = 'ord_' || replace(o.order_id::text, '-', ''))",
    "select realm_id, customer_id, captured_at as at,
       case when amount < 0 then 'payment.refunded' else 'payment.captured' end as kind,
       'txn_' || replace(transaction_id::text, '-', '') as subject, store_id, 'system' as actor_kind, '' as actor,
       '' as impersonator, '' as state, abs(amount) as amount, currency from customer_payments",
    "select realm_id, customer_id, at, case when granted then 'consent.granted' else 'consent.withdrawn' end as kind,
       channel as subject, null::uuid as store_id,
       case when actor like 'stf\\_%' then 'staff' when actor like 'akey\\_%' then 'api_key'
            when actor like 'cus\\_%' then 'customer' else 'system' end as actor_kind,
       actor, '' as impersonator, '' as state, null::bigint as amount, '' as currency from customer_consents",
    "select c.realm_id, c.id as customer_id, c.created_at as at, 'customer.created' as kind,
       'cus_' || replace(c.id::text, '-', '') as subject, null::uuid as store_id, 'system' as actor_kind, '' as actor,
       '' as impersonator, '' as state, null::bigint as amount, '' as currency
     from customers c where not exists (
       select from timeline t where t.realm_id = c.realm_id and t.customer_id = c.id and t.at = c.created_at
         and t.kind = 'customer.created')",
];

/// A page of what happened to `customer`, newest first, in reading direction. In one store of a network what happened in
/// another one is left out. Each source is read as far as the page goes.
pub async fn page(
    db: impl PgExecutor<'_>,
    (scope, customer): (Scope, CustomerId),
    kinds: &[String],
    page: &Page,
) -> Result<Vec<Moment>, Error> {
    let mut sql = QueryBuilder::new("select * from (");
    for (place, source) in SOURCES.iter().enumerate() {
        sql.push(if place > 0 { " union all (" } else { "(" });
        sql.push("select * from (").push(*source).push(") s where s.realm_id = ").push_bind(scope.realm);
        sql.push(" and s.customer_id = ").push_bind(customer);
        if let Some(store) = scope.store {
            sql.push(" and (s.store_id is null or s.store_id = ").push_bind(store).push(")");
        }
        if !kinds.is_empty() {
            sql.push(" and s.kind = any(").push_bind(kinds.to_vec()).push(")");
        }
        behind(&mut sql, page);
        order(&mut sql, page);
        sql.push(")");
    }
    sql.push(") as everything");
    order(&mut sql, page);
    Ok(sql.build_query_as().fetch_all(db).await?)
}

fn behind(sql: &mut QueryBuilder<Postgres>, page: &Page) {
    let Some((at, kind, subject)) = page.cursor.as_ref().and_then(|cursor| place(&cursor.key)) else { return };
    sql.push(" and (s.at, s.kind collate \"C\", s.subject collate \"C\") ");
    sql.push(if page.is_forward() { "< (" } else { "> (" });
    sql.push_bind(at).push(", ").push_bind(kind).push(", ").push_bind(subject).push(")");
}

fn order(sql: &mut QueryBuilder<Postgres>, page: &Page) {
    let way = if page.is_forward() { "desc" } else { "asc" };
    sql.push(format!(" order by at {way}, kind collate \"C\" {way}, subject collate \"C\" {way} limit "));
    sql.push_bind(page.fetch());
}

/// What a cursor says.
#[must_use]
pub fn place(key: &[String]) -> Option<(DateTime<Utc>, String, String)> {
    let [at, kind, subject] = key else { return None };
    Some((at.parse().ok()?, kind.clone(), subject.clone()))
}
