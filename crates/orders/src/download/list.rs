//! What became of links: each download, newest first, by keyset (OR-9).
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{DownloadId, ProductFileId, ProductId},
    page::{COUNT_CAP, Page},
    personal::redact,
};
use proto::orders::v1 as pb;
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use crate::{error::Error, library::whose::Record};

/// A download, with who made its link.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    position: i64,
    download_id: DownloadId,
    product_id: ProductId,
    file_id: ProductFileId,
    file_name: String,
    ip: String,
    user_agent: String,
    requests: i32,
    bytes: i64,
    made_by: String,
    started_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

impl Row {
    /// Where it stands in the list.
    #[must_use]
    pub fn key(&self) -> Vec<String> {
        vec![self.started_at.to_rfc3339(), self.position.to_string()]
    }

    /// As the API shows it.
    #[must_use]
    pub fn encode(self, clear: bool) -> pb::DownloadUse {
        let shown = pb::DownloadUse {
            download: self.download_id.into(),
            product: self.product_id.into(),
            file: self.file_id.into(),
            name: self.file_name,
            ip: self.ip,
            user_agent: self.user_agent,
            requests: u32::try_from(self.requests).unwrap_or_default(),
            bytes: self.bytes,
            made_by: self.made_by.split(' ').next().unwrap_or_default().to_owned(),
            started_at: Some(timestamp(self.started_at)),
            last_at: Some(timestamp(self.last_at)),
            redacted: Vec::new(),
        };
        if clear { shown } else { redact(shown) }
    }
}

fn restrict(sql: &mut QueryBuilder<Postgres>, records: &[Record]) {
    sql.push(" where (false");
    for record in records {
        sql.push(" or (u.realm_id = ").push_bind(record.realm).push(" and u.customer_id = ").push_bind(record.customer);
        if let Some(store) = record.store {
            sql.push(" and u.store_id = ").push_bind(store);
        }
        sql.push(")");
    }
    sql.push(")");
}

/// The rows of a page in reading direction, one more than it shows.
pub async fn page(db: impl PgExecutor<'_>, records: &[Record], page: &Page) -> Result<Vec<Row>, Error> {
    let mut sql = QueryBuilder::new(
        "select u.*, d.made_by from download_uses u
         join downloads d on d.realm_id = u.realm_id and d.id = u.download_id",
    );
    restrict(&mut sql, records);
    let forward = page.is_forward();
    if let Some(cursor) = &page.cursor {
        let bad = || Error::Kit(kit::Error::invalid("/after", "bad_cursor", "this cursor is not valid for this list"));
        let [at, position] = cursor.key.as_slice() else { return Err(bad()) };
        let at: DateTime<Utc> = at.parse().map_err(|_| bad())?;
        let position: i64 = position.parse().map_err(|_| bad())?;
        sql.push(if forward { " and (u.started_at, u.position) < (" } else { " and (u.started_at, u.position) > (" });
        sql.push_bind(at).push(", ").push_bind(position).push(")");
    }
    let direction = if forward { "desc" } else { "asc" };
    sql.push(format_args!(" order by u.started_at {direction}, u.position {direction} limit "));
    sql.push_bind(page.fetch());
    Ok(sql.build_query_as().fetch_all(db).await?)
}

/// How many there are, counted up to one more than the cap.
pub async fn count(db: impl PgExecutor<'_>, records: &[Record]) -> Result<i64, Error> {
    let mut sql = QueryBuilder::new("select count(*) from (select 1 from download_uses u");
    restrict(&mut sql, records);
    sql.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    Ok(sql.build_query_scalar().fetch_one(db).await?)
}
