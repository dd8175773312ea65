//! How files are downloaded, per file and customer: how often, from how many networks, since when (OR-9).
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, ProductFileId, ProductId, RealmId, StoreId},
    personal::redact,
    pool::Pool,
};
use proto::orders::v1 as pb;

use crate::error::Error;

/// What is recent.
const RECENT: TimeDelta = TimeDelta::days(30);
/// How many networks of a week are more than one person is likely to be in.
const MANY: i64 = 5;

/// Whose or which downloads.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Customer base.
    pub realm: RealmId,
    /// Only of what this store sells.
    pub store: Option<StoreId>,
    /// Only of this customer.
    pub customer: Option<CustomerId>,
    /// Only of this product.
    pub product: Option<ProductId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    customer_id: CustomerId,
    product_id: ProductId,
    file_id: ProductFileId,
    name: String,
    downloads: i64,
    recent: i64,
    ranges: i64,
    week: i64,
    networks: Vec<String>,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

/// Patterns at `now`, the most downloaded first. What is no address is a range of its own.
const SQL: &str = "
    with uses as (
      select u.customer_id, u.product_id, u.file_id, u.file_name, u.started_at, u.position,
        case when u.ip = '' then '' else
          text(network(set_masklen(u.ip::inet, case family(u.ip::inet) when 4 then 24 else 48 end))) end as net
      from download_uses u
      where u.realm_id = $1 and ($2::uuid is null or u.store_id = $2) and ($3::uuid is null or u.customer_id = $3)
        and ($4::uuid is null or u.product_id = $4)),
    nets as (
      select customer_id, file_id, net, count(*) as times from uses group by customer_id, file_id, net)
    select u.customer_id, u.product_id, u.file_id, (array_agg(u.file_name order by u.position desc))[1] as name,
      count(*) as downloads, count(*) filter (where u.started_at > $5) as recent, count(distinct u.net) as ranges,
      count(distinct u.net) filter (where u.started_at > $6) as week,
      (select array_agg(n.net order by n.times desc, n.net) from (
         select * from nets n where n.customer_id = u.customer_id and n.file_id = u.file_id
         order by n.times desc, n.net limit 10) as n) as networks,
      min(u.started_at) as first_at, max(u.started_at) as last_at
    from uses u group by u.customer_id, u.product_id, u.file_id
    order by downloads desc, last_at desc, u.file_id limit 200";

/// The patterns, masked unless they are seen in the `clear`.
pub async fn patterns(
    pool: &Pool,
    wanted: Wanted,
    (clear, now): (bool, DateTime<Utc>),
) -> Result<Vec<pb::DownloadPattern>, Error> {
    let rows = sqlx::query_as(SQL).bind(wanted.realm).bind(wanted.store).bind(wanted.customer).bind(wanted.product);
    let rows: Vec<Row> = rows.bind(now - RECENT).bind(now - TimeDelta::days(7)).fetch_all(pool).await?;
    let show = |row: Row| {
        let shown = pb::DownloadPattern {
            customer: row.customer_id.into(),
            product: row.product_id.into(),
            file: row.file_id.into(),
            name: row.name,
            downloads: row.downloads,
            recent: row.recent,
            ranges: row.ranges,
            networks: row.networks,
            first_at: Some(timestamp(row.first_at)),
            last_at: Some(timestamp(row.last_at)),
            unusual: row.week >= MANY,
            redacted: Vec::new(),
        };
        if clear { shown } else { redact(shown) }
    };
    Ok(rows.into_iter().map(show).collect())
}
