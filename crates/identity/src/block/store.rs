//! All SQL of block lists.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{BlockId, RealmId},
};
use sqlx::PgExecutor;

use super::{Block, block::Value};
use crate::Error;

/// Adds an entry unless there is one like it; whether it did. `hash` is that of an e-mail address.
pub async fn insert(
    tx: &mut Tx,
    realm: RealmId,
    block: &Block,
    (value, hash): (&Value, Option<[u8; 32]>),
) -> Result<bool, Error> {
    let network = if let Value::Ip(network) = value { Some(network.to_string()) } else { None };
    let domain = if let Value::Domain(domain) = value { Some(domain) } else { None };
    let insert = sqlx::query(
        "insert into blocks (id, realm_id, kind, network, email_hash, domain, shown, reason, created_by, created_at,
                             expires_at)
         values ($1, $2, $3, $4::text::cidr, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint blocks_value_key do nothing",
    )
    .bind(block.id)
    .bind(realm)
    .bind(block.kind)
    .bind(network)
    .bind(hash)
    .bind(domain)
    .bind(&block.shown)
    .bind(&block.reason)
    .bind(&block.created_by)
    .bind(block.created_at)
    .bind(block.expires_at);
    Ok(insert.execute(&mut **tx).await?.rows_affected() == 1)
}

/// Drops entries of `realm` that are over at `now`, so that their like can be added again.
pub async fn prune(tx: &mut Tx, realm: RealmId, now: DateTime<Utc>) -> Result<(), Error> {
    let pruned = sqlx::query("delete from blocks where realm_id = $1 and expires_at <= $2");
    pruned.bind(realm).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// How many entries there are.
pub async fn count(tx: &mut Tx, realm: RealmId) -> Result<i64, Error> {
    let count = sqlx::query_scalar("select count(*) from blocks where realm_id = $1");
    Ok(count.bind(realm).fetch_one(&mut **tx).await?)
}

/// The entries that hold at `now`, newest first.
pub async fn of_realm(db: impl PgExecutor<'_>, realm: RealmId, now: DateTime<Utc>) -> Result<Vec<Block>, Error> {
    let blocks = sqlx::query_as(
        "select id, kind, shown, reason, created_by, created_at, expires_at from blocks
         where realm_id = $1 and (expires_at is null or expires_at > $2) order by created_at desc, id desc",
    );
    Ok(blocks.bind(realm).bind(now).fetch_all(db).await?)
}

/// Drops an entry, which is answered.
pub async fn delete(tx: &mut Tx, realm: RealmId, id: BlockId) -> Result<Option<Block>, Error> {
    let deleted = sqlx::query_as(
        "delete from blocks where realm_id = $1 and id = $2
         returning id, kind, shown, reason, created_by, created_at, expires_at",
    );
    Ok(deleted.bind(realm).bind(id).fetch_optional(&mut **tx).await?)
}

/// Those of `realms` with an entry that holds at `now` and fits somebody from `ip`, with an e-mail address of this hash
/// and these domains.
pub async fn fitting(
    db: impl PgExecutor<'_>,
    realms: &[RealmId],
    (ip, hash, domains): (Option<String>, Option<[u8; 32]>, Vec<String>),
    now: DateTime<Utc>,
) -> Result<Vec<RealmId>, Error> {
    let fitting = sqlx::query_scalar(
        "select distinct realm_id from blocks
         where realm_id = any($1) and (expires_at is null or expires_at > $2)
           and (network >>= $3::text::inet or email_hash = $4 or domain = any($5))",
    );
    let realms: Vec<_> = realms.iter().map(|realm| realm.uuid()).collect();
    Ok(fitting.bind(realms).bind(now).bind(ip).bind(hash).bind(domains).fetch_all(db).await?)
}
