//! All SQL of merges.
use std::collections::BTreeMap;

use kit::ids::{CustomerId, RealmId, StoreId};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor, types::Json};

use crate::{Error, customer::Customer, timeline::store as timeline};

/// Tables whose rows simply change their owner, and what they are called.
const MOVED: [(&str, &str); 7] = [
    ("customer_orders", "orders"),
    ("customer_payments", "transactions"),
    ("customer_reviews", "reviews"),
    ("customer_subscriptions", "subscriptions"),
    ("customer_notes", "notes"),
    ("customer_consents", "consents"),
    ("tickets", "tickets"),
];

/// How much of each kind `customer` has.
pub async fn counts(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customer: CustomerId,
) -> Result<BTreeMap<String, i64>, Error> {
    let counts = "select jsonb_build_object(
         'orders', (select count(*) from customer_orders where realm_id = $1 and customer_id = $2),
         'transactions', (select count(*) from customer_payments where realm_id = $1 and customer_id = $2),
         'reviews', (select count(*) from customer_reviews where realm_id = $1 and customer_id = $2 and not deleted),
         'subscriptions', (select count(*) from customer_subscriptions where realm_id = $1 and customer_id = $2),
         'notes', (select count(*) from customer_notes where realm_id = $1 and customer_id = $2),
         'tickets', (select count(*) from tickets where realm_id = $1 and customer_id = $2),
         'addresses', (select count(*) from customer_addresses where realm_id = $1 and customer_id = $2),
         'tags', (select cardinality(tags) from customers where realm_id = $1 and id = $2))";
    let counts: Json<BTreeMap<String, Option<i64>>> =
        sqlx::query_scalar(counts).bind(realm).bind(customer).fetch_one(db).await?;
    Ok(counts.0.into_iter().map(|(kind, count)| (kind, count.unwrap_or_default())).collect())
}

/// Holds `emails` for this transaction alone: nobody becomes somebody by one of them meanwhile.
pub async fn hold_emails(db: &mut PgConnection, realm: RealmId, emails: [&str; 2]) -> Result<(), Error> {
    let hold = "select pg_advisory_xact_lock(hashtext('alias ' || current_schema()), bucket) from (
                  select distinct hashtext($1::text || email) % 1024 as bucket from unnest($2::text[]) as email
                  order by bucket) as held";
    sqlx::query(hold).bind(realm.uuid()).bind(emails.map(str::to_owned).to_vec()).execute(db).await?;
    Ok(())
}

/// Moves all that is of `gone` to `kept`, but for the record itself; answers how much of each kind.
pub async fn move_all(
    db: &mut PgConnection,
    realm: RealmId,
    [gone, kept]: [CustomerId; 2],
) -> Result<BTreeMap<String, i64>, Error> {
    let mut moved = BTreeMap::new();
    for (table, kind) in MOVED {
        let sql = format!("update {table} set customer_id = $3 where realm_id = $1 and customer_id = $2");
        let done = sqlx::query(AssertSqlSafe(sql)).bind(realm).bind(gone).bind(kept).execute(&mut *db).await?;
        moved.insert(kind.to_owned(), done.rows_affected().try_into().unwrap_or(i64::MAX));
    }
    let addresses = sqlx::query(
        "update customer_addresses a set customer_id = $3, version = version + 1,
           default_billing = default_billing and not exists (
             select from customer_addresses k where k.realm_id = $1 and k.customer_id = $3 and k.default_billing),
           default_shipping = default_shipping and not exists (
             select from customer_addresses k where k.realm_id = $1 and k.customer_id = $3 and k.default_shipping)
         where a.realm_id = $1 and a.customer_id = $2",
    );
    let addresses = addresses.bind(realm).bind(gone).bind(kept).execute(&mut *db).await?;
    moved.insert("addresses".to_owned(), addresses.rows_affected().try_into().unwrap_or(i64::MAX));
    // Counted where they are kept.
    let carts = sqlx::query("update customer_carts set customer_id = $3 where realm_id = $1 and customer_id = $2");
    carts.bind(realm).bind(gone).bind(kept).execute(&mut *db).await?;
    timeline::follow(&mut *db, realm, [gone, kept]).await?;
    add_up(db, realm, [gone, kept]).await?;
    Ok(moved)
}

/// Adds what each store and currency counted for `gone` to what it counts for `kept`.
async fn add_up(db: &mut PgConnection, realm: RealmId, [gone, kept]: [CustomerId; 2]) -> Result<(), Error> {
    let spend = "insert into customer_spend as k (realm_id, customer_id, store_id, currency, captured, refunded, orders_count)
         select realm_id, $3, store_id, currency, captured, refunded, orders_count from customer_spend
         where realm_id = $1 and customer_id = $2
         on conflict (realm_id, customer_id, store_id, currency) do update set captured = k.captured + excluded.captured,
           refunded = k.refunded + excluded.refunded, orders_count = k.orders_count + excluded.orders_count";
    let stores = "insert into customer_stores as k
           (realm_id, store_id, customer_id, orders_count, spent_base, first_order_at, last_order_at, reviews_count,
            gifted_at)
         select realm_id, store_id, $3, orders_count, spent_base, first_order_at, last_order_at, reviews_count, gifted_at
         from customer_stores where realm_id = $1 and customer_id = $2
         on conflict (realm_id, store_id, customer_id) do update set
           orders_count = k.orders_count + excluded.orders_count, spent_base = k.spent_base + excluded.spent_base,
           first_order_at = least(k.first_order_at, excluded.first_order_at),
           last_order_at = greatest(k.last_order_at, excluded.last_order_at),
           reviews_count = k.reviews_count + excluded.reviews_count,
           gifted_at = greatest(k.gifted_at, excluded.gifted_at)";
    for sql in [spend, stores] {
        sqlx::query(sql).bind(realm).bind(gone).bind(kept).execute(&mut *db).await?;
    }
    Ok(())
}

/// Deletes the record `gone` and has its e-mail addresses, and those that `kept` no longer goes by, say who `kept` is.
pub async fn delete(db: &mut PgConnection, gone: &Customer, kept: &Customer, emails: &[&str]) -> Result<(), Error> {
    let aliases = "update email_aliases set customer_id = $3 where realm_id = $1 and customer_id = $2";
    sqlx::query(aliases).bind(gone.realm).bind(gone.id).bind(kept.id).execute(&mut *db).await?;
    let delete = "delete from customers where realm_id = $1 and id = $2";
    sqlx::query(delete).bind(gone.realm).bind(gone.id).execute(&mut *db).await?;
    let add = "insert into email_aliases (realm_id, email_canonical, customer_id)
               select $1, email, $2 from unnest($3::text[]) as email
               on conflict (realm_id, email_canonical) do update set customer_id = excluded.customer_id";
    let emails: Vec<String> = emails.iter().map(|&email| email.to_owned()).collect();
    sqlx::query(add).bind(gone.realm).bind(kept.id).bind(emails).execute(db).await?;
    Ok(())
}

/// The store that knows `customer` best, where several may.
pub async fn store_of(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<Option<StoreId>, Error> {
    let store = "select store_id from customer_stores where realm_id = $1 and customer_id = $2
                 order by last_order_at desc nulls last, store_id limit 1";
    Ok(sqlx::query_scalar(store).bind(realm).bind(customer).fetch_optional(db).await?)
}
