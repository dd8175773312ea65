//! The SQL of the list. Search takes two steps, so that common and rare words are both found quickly: the first rows
//! of the list are looked through, and only when they give less than a page, an inverted index is asked. So does a
//! filter that is not spread evenly over the list.
use kit::{
    ids::CustomerId,
    page::{COUNT_CAP, Page},
    pool::Pool,
};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{condition, field::Field, query::Query};
use crate::{
    Error,
    customer::{Customer, Scope, store as record},
};

/// Rows of the list that are looked through first. They give a page of a common word, and tell a rare one.
const GLANCE: i64 = 1_500;
/// Rows that are looked through for a word that is not rare, before an index is asked.
const WINDOW: i64 = 10_000;
/// Fewer hits at the first glance make a word rare: the index has the rest at hand.
const RARE: usize = 4;

/// Whether one plan is good for all values. Planning takes as long as most of these queries do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// The way is the same for every value.
    Kept,
    /// The best way for a rare word is the worst for a common one.
    Fresh,
}

/// How the hits of a page come into its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// All of them are sorted, so that no plan walks the whole list to find a few.
    Sorted,
    /// An index has them in it, if the planner finds that shorter.
    OfIndex,
}

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
pub async fn page(db: &Pool, query: &Query, page: &Page) -> Result<Vec<Row>, Error> {
    match &query.search {
        Some(search) if !search.is_personal() => return hits(db, query, page).await,
        None if query.scope.store.is_none() && in_usual_order(query) && query.is_of_repeaters() => {
            return keys(db, query, page, Order::OfIndex).await;
        }
        None if !(query.scope.store.is_none() && in_usual_order(query) && query.leans()) => {
            return plain(db, query, page).await;
        }
        _ => {}
    }
    if let Some(rows) = glance(db, query, page).await? {
        return Ok(rows);
    }
    if query.scope.store.is_none() && (query.search.is_none() || is_search_alone(query)) {
        keys(db, query, page, Order::Sorted).await
    } else {
        hits(db, query, page).await
    }
}

/// A page, if the first rows of the list give a full one. They are looked through further when they give a part of it:
/// few hits of a search, since an index has the rest of a rare word at hand; of a filter, which many may meet, even one.
async fn glance(db: &Pool, query: &Query, page: &Page) -> Result<Option<Vec<Row>>, Error> {
    for width in [GLANCE, WINDOW] {
        let rows = window(db, query, page, width).await?;
        if i64::try_from(rows.len()).is_ok_and(|rows| rows == page.fetch()) {
            return Ok(Some(rows));
        }
        if rows.len() < if query.search.is_some() { RARE } else { 1 } {
            break;
        }
    }
    Ok(None)
}

/// How many rows there are, counted up to one more than the cap.
pub async fn count(db: &Pool, query: &Query) -> Result<i64, Error> {
    counted(db, query, Some(COUNT_CAP + 1)).await
}

/// How many rows there are, for what takes its time.
pub async fn count_all(db: &Pool, query: &Query) -> Result<i64, Error> {
    counted(db, query, None).await
}

/// The ids of up to `most` rows, in no order.
pub async fn ids(db: &mut PgConnection, query: &Query, most: i64) -> Result<Vec<CustomerId>, Error> {
    let mut sql = QueryBuilder::new("select c.id from customers");
    record::tenant(&mut sql, query.scope);
    search(&mut sql, query);
    condition::filter(&mut sql, query, record::figures(query.scope));
    sql.push(" limit ").push_bind(most);
    Ok(sql.build_query_scalar().persistent(false).fetch_all(db).await?)
}

async fn counted(db: &Pool, query: &Query, most: Option<i64>) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from customers");
    record::tenant(&mut sql, query.scope);
    search(&mut sql, query);
    condition::filter(&mut sql, query, record::figures(query.scope));
    sql.push(" limit ").push_bind(most).push(") as counted");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
}

async fn plain(db: &Pool, query: &Query, page: &Page) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new("");
    select(&mut sql, query);
    record::tenant(sql.push(" from customers"), query.scope);
    condition::filter(&mut sql, query, record::figures(query.scope));
    condition::behind(&mut sql, query, page, record::figures(query.scope));
    fetch(db, sql, query, page, (record::figures(query.scope), Plan::Kept)).await
}

/// Looks through the first `width` rows behind the cursor, in the order of the list. In the usual order an index holds
/// what is searched, so that only the rows that are found are read; where nothing else decides, it looks no further than
/// to the end of the page.
async fn window(db: &Pool, query: &Query, page: &Page, width: i64) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new("");
    select(&mut sql, query);
    if let Some(search) = &query.search {
        sql.push(" from (select r.* from (select c.realm_id, c.id from (");
        sql.push("select c.realm_id, c.id, c.created_at, c.search from ");
        front(sql.push(if in_usual_order(query) { "customer_search" } else { "customers" }), query, page);
        sql.push(" limit ").push_bind(width);
        sql.push(") c where c.search like lower(").push_bind(search.pattern()).push(")");
        if query.scope.store.is_none() && is_search_alone(query) {
            condition::order(&mut sql, query, page, "c");
            sql.push(" limit ").push_bind(page.fetch());
        }
        sql.push(") c join customers r on r.realm_id = c.realm_id and r.id = c.id)");
    } else {
        front(sql.push(" from (select c.* from customers"), query, page);
        sql.push(" limit ").push_bind(width).push(")");
    }
    record::tenant(&mut sql, query.scope);
    condition::filter(&mut sql, query, record::figures(query.scope));
    fetch(db, sql, query, page, (record::figures(query.scope), Plan::Kept)).await
}

/// Whether `customer_search` alone tells who is on a page of a search, but for who is in a store.
fn is_search_alone(query: &Query) -> bool {
    query.filter.is_none() && in_usual_order(query)
}

/// Whether the list is sorted by when records were made, as most are.
fn in_usual_order(query: &Query) -> bool {
    query.sort.terms().iter().all(|term| matches!(term.field, Field::CreatedAt | Field::Id))
}

/// Adds the rows behind the cursor in the order of the list: the realm's, unless a store's figures make the order.
fn front(sql: &mut QueryBuilder<Postgres>, query: &Query, page: &Page) {
    let by_figure = query.sort.terms().iter().any(|term| term.field.is_figure());
    let scope = if by_figure { query.scope } else { Scope::realm(query.scope.realm) };
    record::tenant(sql, scope);
    condition::behind(sql, query, page, record::figures(scope));
    condition::order(sql, query, page, record::figures(scope));
}

/// Finds by what stands in an index alone, and reads the records of one page only: a word may be common everywhere but at
/// the beginning of the list, and so may be whoever spent much.
async fn keys(db: &Pool, query: &Query, page: &Page, by: Order) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new("");
    select(&mut sql, query);
    sql.push(" from (select r.* from (select c.realm_id, c.id from (");
    if let Some(search) = &query.search {
        sql.push("select * from customer_search k where k.realm_id = ").push_bind(query.scope.realm);
        sql.push(" and k.search like lower(").push_bind(search.pattern()).push(")");
    } else {
        record::tenant(sql.push("select c.realm_id, c.id, c.created_at from customers"), query.scope);
        condition::filter(&mut sql, query, "c");
    }
    sql.push(if by == Order::Sorted { " offset 0) c where true" } else { ") c where true" });
    condition::behind(&mut sql, query, page, "c");
    condition::order(&mut sql, query, page, "c");
    sql.push(" limit ").push_bind(page.fetch());
    sql.push(") k join customers r on r.realm_id = k.realm_id and r.id = k.id)");
    record::tenant(&mut sql, query.scope);
    fetch(db, sql, query, page, ("c", Plan::Fresh)).await
}

/// Takes all that the indexes find and sorts it.
async fn hits(db: &Pool, query: &Query, page: &Page) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new("select * from (");
    select(&mut sql, query);
    record::tenant(sql.push(" from customers"), query.scope);
    search(&mut sql, query);
    condition::filter(&mut sql, query, record::figures(query.scope));
    // Keeps the order outside, so that no plan walks the whole list in its order to find a rare word.
    sql.push(" offset 0) c where true");
    condition::behind(&mut sql, query, page, "c");
    fetch(db, sql, query, page, ("c", Plan::Fresh)).await
}

fn select(sql: &mut QueryBuilder<Postgres>, query: &Query) {
    record::select(sql, query.scope);
    sql.push(", lower(c.name) as name_key");
}

async fn fetch(
    db: &Pool,
    mut sql: QueryBuilder<Postgres>,
    query: &Query,
    page: &Page,
    (figures, plan): (&str, Plan),
) -> Result<Vec<Row>, Error> {
    condition::order(&mut sql, query, page, figures);
    sql.push(" limit ").push_bind(page.fetch());
    // Values of a filter decide as well.
    let kept = plan == Plan::Kept && query.filter.is_none();
    Ok(sql.build_query_as().persistent(kept).fetch_all(db).await?)
}

/// Adds `and` and what the search finds, if there is one.
fn search(sql: &mut QueryBuilder<Postgres>, query: &Query) {
    let Some(search) = &query.search else { return };
    let realm = query.scope.realm;
    if search.is_personal() {
        sql.push(" and c.id in (select k.id from customer_search k where k.realm_id = ").push_bind(realm);
        sql.push(" and k.search like lower(").push_bind(search.pattern()).push("))");
        return;
    }
    sql.push(" and c.id in (select u.id from customers u where u.realm_id = ").push_bind(realm);
    sql.push(" and u.username <> '' and ' ' || lower(u.username) like lower(").push_bind(search.pattern()).push(")");
    if let Some(id) = search.id() {
        sql.push(" union all select ").push_bind(id);
    }
    sql.push(" union all select o.customer_id from customer_orders o where o.realm_id = ").push_bind(realm);
    sql.push(" and o.number = ").push_bind(search.text().to_owned());
    if let Some(store) = query.scope.store {
        sql.push(" and o.store_id = ").push_bind(store);
    }
    sql.push(")");
}
