//! The SQL of customer records.
use std::collections::BTreeMap;

use holdings::merged::push_kept;
use kit::{
    db::on_unique,
    email::Email,
    ids::{CustomerId, RealmId, StoreId},
    phone::Phone,
};
use sqlx::{
    AssertSqlSafe, FromRow, PgConnection, PgExecutor, Postgres, QueryBuilder, Row, postgres::PgArguments, query::Query,
    types::Json,
};

use super::{
    Scope,
    customer::Customer,
    encode::{Spend, Sum, Sums},
};
use crate::{Error, shops::Shop};

/// Columns of the record itself; `c` is the table.
const RECORD: &str = "c.id, c.realm_id, c.lifecycle, c.registration, c.status, c.name, c.email, c.email_canonical, \
    c.email_identifies, c.phone, c.phone_verified_at, c.username, c.photo_url, c.business, c.fax, c.contacts, c.language, c.slug, c.tags, \
    c.meta, c.library_all, c.directory, c.consents, c.ip, c.address, c.registered_at, c.last_activity_at, c.version, \
    c.created_at, c.updated_at";

/// How many of the subscriptions `u` go on, and how many do not.
const SUBSCRIPTIONS: &str = "count(*) filter (where u.status in ('active', 'past_due', 'paused')) as active, \
    count(*) filter (where u.status in ('cancelled', 'expired')) as cancelled";

/// Adds `select` with all columns of a customer as `scope` sees them. A source and [`tenant`] follow.
pub(crate) fn select(sql: &mut QueryBuilder<Postgres>, scope: Scope) {
    let figures = figures(scope);
    sql.push("select ").push(RECORD);
    for column in ["orders_count", "spent_base", "first_order_at", "last_order_at", "reviews_count"] {
        sql.push(format!(", {figures}.{column}"));
    }
}

/// Names the source before it `c`, joins what the store of `scope` knows, and adds `where` up to the tenant. More
/// conditions follow with `and`.
pub(crate) fn tenant(sql: &mut QueryBuilder<Postgres>, scope: Scope) {
    source(sql, scope);
    sql.push(" where c.realm_id = ").push_bind(scope.realm);
}

fn source(sql: &mut QueryBuilder<Postgres>, scope: Scope) {
    sql.push(" c");
    if let Some(store) = scope.store {
        sql.push(" join customer_stores s on s.realm_id = c.realm_id and s.customer_id = c.id and s.realm_id = ")
            .push_bind(scope.realm)
            .push(" and s.store_id = ")
            .push_bind(store);
    }
}

/// The table that figures come from: the record, or what one store knows.
pub(crate) const fn figures(scope: Scope) -> &'static str {
    if scope.store.is_some() { "s" } else { "c" }
}

/// A customer with what is added up of them.
#[derive(Debug)]
pub struct Known {
    /// The record, with the figures that the caller sees.
    pub customer: Customer,
    /// What is added up of them.
    pub sum: Sum,
}

/// The customer `id` as `scope` sees them, in one query: nothing is asked for more often.
pub async fn find(db: impl PgExecutor<'_>, scope: Scope, id: CustomerId) -> Result<Option<Known>, Error> {
    let mut sql = known(scope);
    sql.push(" and c.id = ");
    push_kept(&mut sql, scope.realm, id);
    one(db, sql).await
}

/// The customer whom this e-mail identifies, also as that of a record that was merged into theirs.
pub async fn find_by_email(db: impl PgExecutor<'_>, realm: RealmId, email: &Email) -> Result<Option<Known>, Error> {
    let mut sql = known(Scope::realm(realm));
    sql.push(" and (c.email_identifies and c.email_canonical = ").push_bind(email.canonical());
    sql.push(" or c.id = (select a.customer_id from email_aliases a where a.realm_id = ").push_bind(realm);
    sql.push(" and a.email_canonical = ").push_bind(email.canonical()).push("))");
    one(db, sql).await
}

/// The customer whom this phone, once proven, signs in.
pub async fn find_by_phone(db: impl PgExecutor<'_>, realm: RealmId, phone: &Phone) -> Result<Option<Known>, Error> {
    let mut sql = known(Scope::realm(realm));
    sql.push(" and c.phone_verified_at is not null and c.phone = ").push_bind(phone.as_str());
    one(db, sql).await
}

/// Begins a query for a customer with what is added up of them: a row for each store and currency, at least one.
fn known(scope: Scope) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("");
    select(&mut sql, scope);
    sql.push(
        ", m.currency, m.captured, m.refunded, m.orders_count as orders, u.active, u.cancelled, h.carts from customers",
    );
    source(&mut sql, scope);
    sql.push(" cross join lateral (select ").push(SUBSCRIPTIONS);
    sql.push(" from customer_subscriptions u where u.realm_id = c.realm_id and u.customer_id = c.id");
    if let Some(store) = scope.store {
        sql.push(" and u.store_id = ").push_bind(store);
    }
    sql.push(") u cross join lateral (select count(*) as carts from customer_carts h");
    sql.push(" where h.realm_id = c.realm_id and h.customer_id = c.id and h.held");
    if let Some(store) = scope.store {
        sql.push(" and h.store_id = ").push_bind(store);
    }
    sql.push(") h");
    sql.push(" left join customer_spend m on m.realm_id = c.realm_id and m.customer_id = c.id");
    if let Some(store) = scope.store {
        sql.push(" and m.store_id = ").push_bind(store);
    }
    sql.push(" where c.realm_id = ").push_bind(scope.realm);
    sql
}

async fn one(db: impl PgExecutor<'_>, mut sql: QueryBuilder<Postgres>) -> Result<Option<Known>, Error> {
    let rows = sql.build().fetch_all(db).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let customer = Customer::from_row(first)?;
    let mut sums: BTreeMap<&str, (i64, i64, bool)> = BTreeMap::new();
    for row in &rows {
        let Some(currency) = row.try_get("currency")? else { continue };
        let (captured, refunded, orders): (i64, i64, i64) =
            (row.try_get("captured")?, row.try_get("refunded")?, row.try_get("orders")?);
        let sum = sums.entry(currency).or_default();
        *sum = (sum.0 + captured - refunded, sum.1 + orders, sum.2 || captured != 0 || refunded != 0);
    }
    let moved = sums.into_iter().filter(|(_, (.., moved))| *moved);
    let spent = Spend::of(moved.map(|(currency, (total, orders, _))| (currency, total, orders)));
    let (active, cancelled) = (first.try_get("active")?, first.try_get("cancelled")?);
    let sum = Sum { spent, active, cancelled, carts: first.try_get("carts")? };
    Ok(Some(Known { customer, sum }))
}

/// The realm of the customer `id`. Only services ask so; everybody else knows their realm.
pub async fn realm_of(db: impl PgExecutor<'_>, id: CustomerId) -> Result<Option<RealmId>, Error> {
    let realm = "select realm_id from customers where id = $1
                 union all select realm_id from merged_customers where gone_id = $1 limit 1";
    Ok(sqlx::query_scalar(realm).bind(id).fetch_optional(db).await?)
}

/// The customer `id`, or the one it was merged into, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, realm: RealmId, id: CustomerId) -> Result<Option<Customer>, Error> {
    lock_in(db, Scope::realm(realm), id).await
}

/// The customer `id` as `scope` sees them, or the one they were merged into, locked until the transaction ends. Their
/// figures are the realm's.
pub async fn lock_in(db: &mut PgConnection, scope: Scope, id: CustomerId) -> Result<Option<Customer>, Error> {
    let found = lock_exactly(&mut *db, scope, id).await?;
    if found.is_some() {
        return Ok(found);
    }
    // Looked at after the wait for the lock, which somebody may have held who merged them.
    match kept(&mut *db, scope.realm, id).await? {
        Some(kept) => lock_exactly(db, scope, kept).await,
        None => Ok(None),
    }
}

async fn lock_exactly(db: &mut PgConnection, scope: Scope, id: CustomerId) -> Result<Option<Customer>, Error> {
    let sql = "select c.* from customers c where c.realm_id = $1 and c.id = $2 and ($3::uuid is null or exists
                 (select from customer_stores s where s.realm_id = $1 and s.store_id = $3 and s.customer_id = $2))
               for update of c";
    let customer = sqlx::query_as(sql).bind(scope.realm).bind(id).bind(scope.store.map(StoreId::uuid));
    Ok(customer.fetch_optional(db).await?)
}

/// The record that `id` was merged into; none for one that is itself there, or never was.
pub async fn kept(db: impl PgExecutor<'_>, realm: RealmId, id: CustomerId) -> Result<Option<CustomerId>, Error> {
    let kept = sqlx::query_scalar("select kept_id from merged_customers where realm_id = $1 and gone_id = $2");
    Ok(kept.bind(realm).bind(id).fetch_optional(db).await?)
}

/// The customer that `id` stands for, if `scope` knows them.
pub async fn known_as(db: impl PgExecutor<'_>, scope: Scope, id: CustomerId) -> Result<Option<CustomerId>, Error> {
    let mut sql = QueryBuilder::new("select c.id from customers");
    tenant(&mut sql, scope);
    sql.push(" and c.id = ");
    push_kept(&mut sql, scope.realm, id);
    Ok(sql.build_query_scalar().fetch_optional(db).await?)
}

/// The e-mail addresses of records that were merged into `id`, in their canonical form.
pub async fn aliases(db: impl PgExecutor<'_>, realm: RealmId, id: CustomerId) -> Result<Vec<String>, Error> {
    let aliases = "select email_canonical from email_aliases where realm_id = $1 and customer_id = $2";
    Ok(sqlx::query_scalar(aliases).bind(realm).bind(id).fetch_all(db).await?)
}

/// Whether the customer `id` was erased.
pub async fn is_erased(db: impl PgExecutor<'_>, realm: RealmId, id: CustomerId) -> Result<bool, Error> {
    let erased = "select exists (select from erased_customers where realm_id = $1 and id = $2)";
    Ok(sqlx::query_scalar(erased).bind(realm).bind(id).fetch_one(db).await?)
}

/// The customer whom this e-mail identifies, their own or a merged record's, locked until the transaction ends.
pub async fn lock_by_email(db: &mut PgConnection, realm: RealmId, email: &Email) -> Result<Option<Customer>, Error> {
    let sql = "select * from customers where realm_id = $1 and (email_canonical = $2 and email_identifies
                 or id = (select customer_id from email_aliases where realm_id = $1 and email_canonical = $2)) for update";
    Ok(sqlx::query_as(sql).bind(realm).bind(email.canonical()).fetch_optional(db).await?)
}

/// The customer whom this phone signs in, locked until the transaction ends.
pub async fn lock_by_phone(db: &mut PgConnection, realm: RealmId, phone: &Phone) -> Result<Option<Customer>, Error> {
    let sql = "select * from customers where realm_id = $1 and phone = $2 and phone_verified_at is not null for update";
    Ok(sqlx::query_as(sql).bind(realm).bind(phone.as_str()).fetch_optional(db).await?)
}

/// Whether there is anybody in one of these customer bases.
pub async fn has_any(db: impl PgExecutor<'_>, realms: &[RealmId]) -> Result<bool, Error> {
    let sql = "select exists (select from customers where realm_id = any($1))";
    Ok(sqlx::query_scalar(sql).bind(realms).fetch_one(db).await?)
}

/// Inserts a record unless there is one of its e-mail or proven phone; whether it did. A racing insert of the same is
/// waited for.
pub async fn insert(db: &mut PgConnection, customer: &Customer) -> Result<bool, Error> {
    let sql = "insert into customers (realm_id, id, lifecycle, registration, status, name, email, email_canonical,
         email_identifies, phone, phone_verified_at, username, photo_url, business, fax, contacts, language, slug, tags,
         meta, library_all, directory, consents, ip, address, orders_count, spent_base, first_order_at, last_order_at,
         reviews_count, registered_at, last_activity_at, version, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
         $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)
         on conflict do nothing";
    Ok(bind(sqlx::query(sql), customer).execute(db).await?.rows_affected() == 1)
}

/// Writes a record that the transaction has locked.
pub async fn save(db: &mut PgConnection, customer: &Customer) -> Result<(), Error> {
    let sql = "update customers set (lifecycle, registration, status, name, email, email_canonical,
         email_identifies, phone, phone_verified_at, username, photo_url, business, fax, contacts, language, slug, tags, meta, library_all,
         directory, consents, ip, address, orders_count, spent_base, first_order_at, last_order_at, reviews_count,
         registered_at, last_activity_at, version, created_at, updated_at)
         = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
         $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)
         where realm_id = $1 and id = $2";
    bind(sqlx::query(sql), customer).execute(db).await.map_err(taken)?;
    Ok(())
}

/// What a proven address or number of somebody else means.
fn taken(error: sqlx::Error) -> Error {
    match on_unique("customers_phone_key", || Error::PhoneTaken)(error) {
        Error::Kit(kit::Error::Database(error)) => on_unique("customers_email_key", || Error::EmailTaken)(error),
        meant => meant,
    }
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// Binds all columns, tenant and id first.
fn bind<'q>(sql: Statement<'q>, customer: &'q Customer) -> Statement<'q> {
    sql.bind(customer.realm)
        .bind(customer.id)
        .bind(customer.lifecycle)
        .bind(customer.registration)
        .bind(customer.status)
        .bind(&customer.name)
        .bind(&customer.email)
        .bind(&customer.email_canonical)
        .bind(customer.email_identifies)
        .bind(&customer.phone)
        .bind(customer.phone_verified_at)
        .bind(&customer.username)
        .bind(&customer.photo_url)
        .bind(&customer.business)
        .bind(&customer.fax)
        .bind(Json(&customer.contacts))
        .bind(&customer.language)
        .bind(&customer.slug)
        .bind(&customer.tags)
        .bind(Json(&customer.meta))
        .bind(customer.library_all)
        .bind(customer.directory)
        .bind(Json(&customer.consents))
        .bind(&customer.ip)
        .bind(customer.address.as_ref().map(Json))
        .bind(customer.orders_count)
        .bind(customer.spent_base)
        .bind(customer.first_order_at)
        .bind(customer.last_order_at)
        .bind(customer.reviews_count)
        .bind(customer.registered_at)
        .bind(customer.last_activity_at)
        .bind(customer.version)
        .bind(customer.created_at)
        .bind(customer.updated_at)
}

/// Remembers that `shop` knows this customer, and the currencies its totals are sorted in.
pub async fn remember_shop(db: &mut PgConnection, customer: &Customer, shop: &Shop) -> Result<(), Error> {
    sqlx::query(
        "with known as (insert into customer_stores (realm_id, store_id, customer_id) values ($1, $2, $3)
                        on conflict do nothing)
         insert into base_currencies (realm_id, owner_id, currency) values ($1, $1, $4), ($1, $2, $5)
         on conflict do nothing",
    )
    .bind(customer.realm)
    .bind(shop.id)
    .bind(customer.id)
    .bind(&shop.realm_currency)
    .bind(&shop.currency)
    .execute(db)
    .await?;
    Ok(())
}

/// What is added up of `customers` as `scope` sees it.
pub async fn sums(db: impl PgExecutor<'_>, scope: Scope, customers: &[CustomerId]) -> Result<Sums, Error> {
    type Row = (CustomerId, Option<String>, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(format!(
        "select customer_id, currency, sum(captured - refunded)::bigint, sum(orders_count)::bigint, 0::bigint, 0::bigint,
           0::bigint
         from customer_spend where realm_id = $1 and customer_id = any($2) and ($3::uuid is null or store_id = $3)
         group by customer_id, currency having bool_or(captured <> 0 or refunded <> 0)
         union all
         select u.customer_id, null, 0, 0, {SUBSCRIPTIONS}, 0 from customer_subscriptions u
         where u.realm_id = $1 and u.customer_id = any($2) and ($3::uuid is null or u.store_id = $3)
         group by u.customer_id
         union all
         select h.customer_id, null, 0, 0, 0, 0, count(*) from customer_carts h
         where h.realm_id = $1 and h.customer_id = any($2) and h.held and ($3::uuid is null or h.store_id = $3)
         group by h.customer_id
         order by 1, 2"
    )))
    .bind(scope.realm)
    .bind(customers.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    .bind(scope.store.map(StoreId::uuid))
    .fetch_all(db)
    .await?;
    let mut sums = Sums::new();
    for (customer, currency, amount, orders, active, cancelled, carts) in rows {
        let sum = sums.entry(customer).or_default();
        if let Some(currency) = currency {
            sum.spent.extend(Spend::of(std::iter::once((&*currency, amount, orders))));
        } else {
            sum.active += active;
            sum.cancelled += cancelled;
            sum.carts += carts;
        }
    }
    Ok(sums)
}
