//! All SQL of downloads.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, DownloadId, ProductFileId, RealmId},
};
use sqlx::PgExecutor;

use super::{Download, download::Sitting};
use crate::error::Error;

/// Adds a link.
pub async fn insert(tx: &mut Tx, download: &Download) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into downloads (realm_id, id, store_id, customer_id, product_id, file_id, file_name, made_by, most_uses,
           expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    );
    let sql = sql.bind(download.realm).bind(download.id).bind(download.store).bind(download.customer);
    let sql = sql.bind(download.product).bind(download.file).bind(&download.file_name).bind(&download.made_by);
    sql.bind(download.most_uses).bind(download.expires_at).bind(download.created_at).execute(&mut **tx).await?;
    Ok(())
}

/// How many links were made for somebody since `since`.
pub async fn made(tx: &mut Tx, whose: (RealmId, CustomerId), since: DateTime<Utc>) -> Result<i64, Error> {
    let made = "select count(*) from downloads where realm_id = $1 and customer_id = $2 and created_at > $3";
    Ok(sqlx::query_scalar(made).bind(whose.0).bind(whose.1).bind(since).fetch_one(&mut **tx).await?)
}

/// A link of any customer base: its id is found by whoever has it.
pub async fn find(db: impl PgExecutor<'_>, id: DownloadId) -> Result<Option<Download>, Error> {
    Ok(sqlx::query_as("select * from downloads where id = $1").bind(id).fetch_optional(db).await?)
}

/// The same, held until the transaction ends.
pub async fn hold(tx: &mut Tx, id: DownloadId) -> Result<Option<Download>, Error> {
    Ok(sqlx::query_as("select * from downloads where id = $1 for update").bind(id).fetch_optional(&mut **tx).await?)
}

/// The last time that `download` was used from `ip`.
pub async fn sitting(tx: &mut Tx, download: &Download, ip: &str) -> Result<Option<Sitting>, Error> {
    let last = "select position, bytes, started_at from download_uses
                where realm_id = $1 and download_id = $2 and ip = $3 order by position desc limit 1";
    Ok(sqlx::query_as(last).bind(download.realm).bind(download.id).bind(ip).fetch_optional(&mut **tx).await?)
}

/// How often somebody downloaded a file, by any link.
pub async fn taken(tx: &mut Tx, whose: (RealmId, CustomerId), file: ProductFileId) -> Result<i64, Error> {
    let taken = "select count(*) from download_uses where realm_id = $1 and customer_id = $2 and file_id = $3";
    Ok(sqlx::query_scalar(taken).bind(whose.0).bind(whose.1).bind(file).fetch_one(&mut **tx).await?)
}

/// Notes another download.
pub async fn begin(
    tx: &mut Tx,
    download: &Download,
    (ip, agent): (&str, &str),
    (bytes, now): (i64, DateTime<Utc>),
) -> Result<(), Error> {
    let sql = sqlx::query(
        "with counted as (update downloads set used = used + 1 where realm_id = $1 and id = $2)
         insert into download_uses (realm_id, download_id, store_id, customer_id, product_id, file_id, file_name, ip,
           user_agent, requests, bytes, started_at, last_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $11)",
    );
    let sql = sql.bind(download.realm).bind(download.id).bind(download.store).bind(download.customer);
    let sql = sql.bind(download.product).bind(download.file).bind(&download.file_name).bind(ip).bind(agent);
    sql.bind(bytes).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Notes that more of a download that is under way was asked for.
pub async fn go_on(tx: &mut Tx, realm: RealmId, at: i64, (bytes, now): (i64, DateTime<Utc>)) -> Result<(), Error> {
    let go_on = "update download_uses set requests = requests + 1, bytes = bytes + $3, last_at = $4
                 where realm_id = $1 and position = $2";
    sqlx::query(go_on).bind(realm).bind(at).bind(bytes).bind(now).execute(&mut **tx).await?;
    Ok(())
}
