//! All SQL of the ledger of libraries.
use kit::{
    Tx,
    ids::{CustomerId, ProductId, RealmId},
};
use sqlx::{FromRow, PgConnection, PgExecutor, Row, postgres::PgRow};
use uuid::Uuid;

use super::{Entry, entry::Terms};
use crate::error::Error;

impl FromRow<'_, PgRow> for Entry {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let count = |column: &str| {
            let count: i32 = row.try_get(column)?;
            u32::try_from(count).map_err(|error| sqlx::Error::Decode(error.into()))
        };
        let downloads: Option<i32> = row.try_get("downloads")?;
        Ok(Self {
            realm: row.try_get("realm_id")?,
            position: row.try_get("position")?,
            store: row.try_get("store_id")?,
            customer: row.try_get("customer_id")?,
            origin: row.try_get("origin_id")?,
            product: row.try_get("product_id")?,
            root: row.try_get("root_id")?,
            what: row.try_get("what")?,
            order: row.try_get("order_id")?,
            line: row.try_get("line_id")?,
            giver: row.try_get("giver_id")?,
            units: count("units")?,
            units_back: count("units_back")?,
            name: row.try_get("name")?,
            terms: Terms {
                downloads: downloads.and_then(|downloads| u32::try_from(downloads).ok()),
                until: row.try_get("until")?,
                note: row.try_get("note")?,
            },
            reason: row.try_get("reason")?,
            origins: row.try_get::<Option<Vec<Uuid>>, _>("origins")?.unwrap_or_default(),
            actor: row.try_get("actor")?,
            at: row.try_get("at")?,
        })
    }
}

/// Has nobody else write to a customer's ledger, or read it to write, until the transaction ends. Whoever moves money of
/// their orders does so under this, too.
pub async fn hold(db: &mut PgConnection, customer: CustomerId) -> Result<(), Error> {
    let alone = "select pg_advisory_xact_lock(hashtextextended('library ' || $1::uuid::text, 0))";
    sqlx::query(alone).bind(customer).execute(db).await?;
    Ok(())
}

/// The record that `customer` has become.
pub async fn kept(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<CustomerId, Error> {
    let kept = "select coalesce((select kept_id from merged_customers where realm_id = $1 and gone_id = $2), $2)";
    Ok(sqlx::query_scalar(kept).bind(realm).bind(customer).fetch_one(db).await?)
}

/// The ids that `customer` is known under.
pub async fn origins(tx: &mut Tx, realm: RealmId, customer: CustomerId) -> Result<Vec<Uuid>, Error> {
    let origins = "select gone_id from merged_customers where realm_id = $1 and kept_id = $2 union all select $2";
    Ok(sqlx::query_scalar(origins).bind(realm).bind(customer).fetch_all(&mut **tx).await?)
}

/// Everything in somebody's ledger.
pub async fn of_customer(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<Vec<Entry>, Error> {
    let entries = "select * from library_entries where realm_id = $1 and customer_id = $2 order by position";
    Ok(sqlx::query_as(entries).bind(realm).bind(customer).fetch_all(db).await?)
}

/// What somebody's ledger says that one product depends on: its own entries, and the revocations of what it came in.
pub async fn of_product(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    product: ProductId,
) -> Result<Vec<Entry>, Error> {
    let entries = "select * from library_entries
                   where realm_id = $1 and customer_id = $2 and (product_id = $3 or what = 'revoke') order by position";
    Ok(sqlx::query_as(entries).bind(realm).bind(customer).bind(product).fetch_all(db).await?)
}

/// Enters `entry`; `false` when it is a purchase that was entered before.
pub async fn enter(tx: &mut Tx, entry: &Entry) -> Result<bool, Error> {
    let number = |number: u32| i64::from(number);
    let sql = sqlx::query(
        "insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what, order_id,
           line_id, units, units_back, name, downloads, until, note, reason, origins, actor, at,
           giver_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         on conflict (realm_id, line_id, product_id) where what = 'purchase' do nothing",
    );
    let sql = sql.bind(entry.realm).bind(entry.store).bind(entry.customer).bind(entry.origin).bind(entry.product);
    let sql = sql.bind(entry.root).bind(entry.what).bind(entry.order).bind(entry.line).bind(number(entry.units));
    let sql = sql.bind(number(entry.units_back)).bind(&entry.name).bind(entry.terms.downloads.map(number));
    let sql = sql.bind(entry.terms.until).bind(&entry.terms.note).bind(&entry.reason);
    let sql = sql.bind((!entry.origins.is_empty()).then_some(&entry.origins)).bind(&entry.actor).bind(entry.at);
    Ok(sql.bind(entry.giver).execute(&mut **tx).await?.rows_affected() == 1)
}
