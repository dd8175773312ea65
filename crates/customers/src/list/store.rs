//! The SQL of the list. Search takes two steps, so that common and rare words are both found quickly: the first rows
//! of the list are looked through, and only when they give less than a page, an inverted index is asked.
use kit::{
    ids::CustomerId,
    page::{COUNT_CAP, Page},
};
use sqlx::{PgPool, Postgres, QueryBuilder};

use super::{condition, query::Query, search::Search};
use crate::{
    Error,
    customer::{Customer, store as record},
};

/// Rows of the list that are looked through before an index is asked.
const WINDOW: i64 = 5_000;

/// A row of the list.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    /// The customer, with the figures that the caller sees.
    #[sqlx(flatten)]
    pub customer: Customer,
    /// The name as it is sorted.
    pub name_key: String,
}

/// A page of rows in reading direction, one more than wanted when there are more.
pub async fn page(db: &PgPool, query: &Query, page: &Page) -> Result<Vec<Row>, Error> {
    match &query.search {
        None => plain(db, query, page).await,
        Some(search) if search.is_personal() => {
            let rows = window(db, query, search, page).await?;
            let full = i64::try_from(rows.len()).is_ok_and(|rows| rows == page.fetch());
            if full || !search.is_indexed() || !beyond_window(db, query, page).await? {
                return Ok(rows);
            }
            hits(db, query, search, page).await
        }
        Some(search) => hits(db, query, search, page).await,
    }
}

/// How many rows there are, counted up to one more than the cap.
pub async fn count(db: &PgPool, query: &Query) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("");
    match &query.search {
        Some(search) if !search.is_personal() => push_hits(&mut sql, query, search),
        _ => {}
    }
    sql.push("select count(*) from (select 1");
    let hits = query.search.as_ref().is_some_and(|search| !search.is_personal());
    record::from(&mut sql, query.scope, if hits { "hits" } else { "customers" });
    if let (Some(search), false) = (&query.search, hits) {
        sql.push(" and c.search like lower(").push_bind(search.pattern()).push(")");
    }
    condition::filter(&mut sql, query, record::figures(query.scope));
    sql.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
}

async fn plain(db: &PgPool, query: &Query, page: &Page) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new("");
    record::select(&mut sql, query.scope, ", lower(c.name) as name_key", "customers");
    finish(db, sql, query, page).await
}

/// Looks through the first rows behind the cursor, in the order of the list.
async fn window(db: &PgPool, query: &Query, search: &Search, page: &Page) -> Result<Vec<Row>, Error> {
    let figures = record::figures(query.scope);
    let mut sql = QueryBuilder::new("select * from (");
    record::select(&mut sql, query.scope, ", lower(c.name) as name_key, c.search", "customers");
    condition::behind(&mut sql, query, page, figures);
    condition::order(&mut sql, query, page, figures);
    sql.push(" limit ").push_bind(WINDOW);
    sql.push(") c where c.search like lower(").push_bind(search.pattern()).push(")");
    condition::filter(&mut sql, query, "c");
    condition::order(&mut sql, query, page, "c");
    sql.push(" limit ").push_bind(page.fetch());
    Ok(sql.build_query_as().persistent(false).fetch_all(db).await?)
}

/// Whether the list goes on behind the rows that [`window`] looks through.
async fn beyond_window(db: &PgPool, query: &Query, page: &Page) -> Result<bool, Error> {
    let figures = record::figures(query.scope);
    let mut sql = QueryBuilder::new("select exists (select 1");
    record::from(&mut sql, query.scope, "customers");
    condition::behind(&mut sql, query, page, figures);
    condition::order(&mut sql, query, page, figures);
    sql.push(" offset ").push_bind(WINDOW).push(" limit 1)");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
}

/// Takes all that the indexes find and sorts it.
async fn hits(db: &PgPool, query: &Query, search: &Search, page: &Page) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new("");
    push_hits(&mut sql, query, search);
    record::select(&mut sql, query.scope, ", lower(c.name) as name_key", "hits");
    finish(db, sql, query, page).await
}

async fn finish(db: &PgPool, mut sql: QueryBuilder<Postgres>, query: &Query, page: &Page) -> Result<Vec<Row>, Error> {
    let figures = record::figures(query.scope);
    condition::filter(&mut sql, query, figures);
    condition::behind(&mut sql, query, page, figures);
    condition::order(&mut sql, query, page, figures);
    sql.push(" limit ").push_bind(page.fetch());
    // Planned for its values each time: the best plan for a rare word is the worst for a common one.
    Ok(sql.build_query_as().persistent(false).fetch_all(db).await?)
}

/// Adds `with hits as (…)`: every customer of the realm that the search finds.
fn push_hits(sql: &mut QueryBuilder<Postgres>, query: &Query, search: &Search) {
    let realm = query.scope.realm;
    sql.push("with hits as materialized (select * from customers c where c.realm_id = ").push_bind(realm);
    if search.is_personal() {
        sql.push(" and c.search like lower(").push_bind(search.pattern()).push(")) ");
        return;
    }
    sql.push(" and c.id in (select id from customers where realm_id = ").push_bind(realm);
    sql.push(" and username <> '' and ' ' || lower(username) like lower(").push_bind(search.pattern()).push(")");
    if let Some(id) = search.id() {
        sql.push(" union all select ").push_bind(CustomerId::uuid(id));
    }
    sql.push(" union all select customer_id from customer_orders where realm_id = ").push_bind(realm);
    sql.push(" and number = ").push_bind(search.text().to_owned());
    if let Some(store) = query.scope.store {
        sql.push(" and store_id = ").push_bind(store);
    }
    sql.push(")) ");
}
