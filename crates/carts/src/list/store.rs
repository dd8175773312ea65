//! All SQL of lists.
use holdings::merged::push_kept;
use kit::{
    page::{COUNT_CAP, Page},
    pool::Pool,
};
use sqlx::{Postgres, QueryBuilder};

use super::{
    Query,
    filter::{Moment, Test},
};
use crate::{
    Error,
    cart::{Cart, Status},
    idle::PATIENCE,
    store::{SELECT, many},
};

/// That anything is in it.
const FILLED: &str = "exists (select from cart_lines l where l.realm_id = c.realm_id and l.cart_id = c.id)";

/// The rows of a page in reading direction, one more than it shows. Unless it is all of one
/// customer it is planned with the values at hand: a rare product and an order need different indexes.
pub async fn page(pool: &Pool, query: &Query, page: &Page) -> Result<Vec<Cart>, Error> {
    let mut sql = QueryBuilder::new(SELECT);
    query.restrict(&mut sql);
    let (column, down) = (query.sort.column(), query.sort.descends(page));
    if let Some((at, id)) = query.place(page)? {
        sql.push(format_args!(" and ({column}, c.id) {} (", if down { "<" } else { ">" }));
        sql.push_bind(at).push(", ").push_bind(id).push(")");
    }
    let direction = if down { "desc" } else { "asc" };
    sql.push(format_args!(" order by {column} {direction}, c.id {direction} limit ")).push_bind(page.fetch());
    many(pool, sql, query.is_of_one()).await
}

/// How many carts there are, counted up to one more than the cap.
pub async fn count(pool: &Pool, query: &Query) -> Result<i64, Error> {
    counted(pool, query, Some(COUNT_CAP + 1)).await
}

/// How many carts there are, for what takes its time.
pub async fn count_all(pool: &Pool, query: &Query) -> Result<i64, Error> {
    counted(pool, query, None).await
}

async fn counted(pool: &Pool, query: &Query, most: Option<i64>) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from carts c where ");
    query.restrict(&mut sql);
    sql.push(" limit ").push_bind(most).push(") as counted");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(pool).await?)
}

impl Query {
    fn restrict(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("c.realm_id = ").push_bind(self.realm);
        if let Some(store) = self.store {
            sql.push(" and c.store_id = ").push_bind(store);
        }
        let named = self.customer.map(Test::Customer).into_iter().chain(self.status.map(Test::Status));
        for test in named.collect::<Vec<_>>().iter().chain(&self.tests) {
            sql.push(" and ");
            self.write(test, sql);
        }
    }

    fn write(&self, test: &Test, sql: &mut QueryBuilder<Postgres>) {
        match test {
            Test::Holds(products) => {
                sql.push("exists (select from cart_lines l where l.realm_id = c.realm_id and l.cart_id = c.id");
                sql.push(" and l.product_id = any(").push_bind(products.clone()).push("))");
            }
            Test::Abandoned(abandoned) => {
                sql.push(if *abandoned { "(" } else { "not (" });
                self.write_abandoned(sql);
                sql.push(")");
            }
            Test::Currency(codes, holds) => {
                sql.push(if *holds { "c.currency = any(" } else { "c.currency <> all(" });
                sql.push_bind(codes.clone()).push(")");
            }
            Test::Attributed(word, values) => match &**values {
                [one] => drop(sql.push(word.sql()).push(" = ").push_bind(one.clone())),
                _ => drop(sql.push(word.sql()).push(" = any(").push_bind(values.clone()).push(")")),
            },
            Test::Customer(customer) => {
                sql.push("c.customer_id = ");
                push_kept(sql, self.realm, *customer);
            }
            Test::Status(Status::Closed) => drop(sql.push("c.status = 'closed'")),
            Test::Status(Status::Open) => drop(sql.push("c.status = 'open' and c.expires_at > ").push_bind(self.now)),
            Test::Status(Status::Expired) => {
                sql.push("c.status <> 'closed' and c.expires_at <= ").push_bind(self.now);
            }
            Test::Store(store) => drop(sql.push("c.store_id = ").push_bind(*store)),
            Test::Moment(Moment::Abandonment, compare, at) => {
                sql.push("(");
                self.write_abandoned(sql);
                sql.push(" and c.updated_at").push(*compare).push_bind(*at - PATIENCE).push(")");
            }
            Test::Moment(moment, compare, at) => drop(sql.push(moment.sql()).push(*compare).push_bind(*at)),
        }
    }

    /// As [`Cart::abandoned_at`] has it, whether or not the sweeper has marked it.
    fn write_abandoned(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("c.status = 'open' and c.expires_at > ").push_bind(self.now);
        sql.push(" and c.updated_at <= ").push_bind(self.now - PATIENCE).push(" and ").push(FILLED);
    }
}

impl Moment {
    const fn sql(self) -> &'static str {
        match self {
            Self::Opened => "c.created_at",
            Self::Changed | Self::Abandonment => "c.updated_at",
            Self::Expiry => "c.expires_at",
        }
    }
}
