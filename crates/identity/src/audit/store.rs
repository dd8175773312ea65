//! All SQL of the audit's chains.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kit::{
    Error as KitError, Tx,
    ids::{RealmId, StaffId},
    page::Page,
};
use sqlx::{PgExecutor, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    Entry,
    chain::Place,
    checkpoint::Checkpoint,
    entry::Hash,
    list::{Filter, From},
};
use crate::Error;

const COLUMNS: &str = "realm_id, number, id, at, service, store_id, actor_kind, actor_id, impersonator_kind,
    impersonator_id, session, action, target_kind, target, customers, reason, before, after, ip, request_id, previous, hash";

/// In which customer base who, in whose name, read in which minute the data of which customer.
pub type Read = (Uuid, String, String, i64, Uuid);

/// A hash as it was kept.
pub(super) fn hash(bytes: Vec<u8>) -> Result<Hash, Error> {
    bytes.try_into().map_err(|_| KitError::Internal("a hash of another length".to_owned()).into())
}

/// Waits until no other writer is at work. One lock for all chains: a batch of events is of several, and in no order.
pub async fn lock(tx: &mut Tx) -> Result<(), Error> {
    let lock = "select pg_advisory_xact_lock(hashtextextended('audit ' || current_schema(), 0))";
    sqlx::query(lock).execute(&mut **tx).await?;
    Ok(())
}

/// The ends of chains, of those that have an entry.
pub async fn ends(db: impl PgExecutor<'_>, realms: &[Uuid]) -> Result<HashMap<RealmId, Place>, Error> {
    let ends: Vec<(RealmId, i64, Vec<u8>)> =
        sqlx::query_as("select realm_id, number, hash from audit_heads where realm_id = any($1)")
            .bind(realms)
            .fetch_all(db)
            .await?;
    ends.into_iter().map(|(realm, number, bytes)| Ok((realm, Place { number, hash: hash(bytes)? }))).collect()
}

/// The end of a chain, and the number of the last entry there is, at one and the same moment.
pub async fn extent(db: impl PgExecutor<'_>, realm: RealmId) -> Result<(Place, i64), Error> {
    let (number, bytes, last): (Option<i64>, Option<Vec<u8>>, i64) = sqlx::query_as(
        "select h.number, h.hash, coalesce((select max(number) from audit_entries where realm_id = $1), 0)
         from (values (1)) as one left join audit_heads h on h.realm_id = $1",
    )
    .bind(realm)
    .fetch_one(db)
    .await?;
    let end = match (number, bytes) {
        (Some(number), Some(bytes)) => Place { number, hash: hash(bytes)? },
        _ => Place::START,
    };
    Ok((end, last))
}

/// Keeps who read whose data in which minute; answers what was not known yet.
pub async fn note_reads(tx: &mut Tx, reads: &[Read]) -> Result<HashSet<Read>, Error> {
    let fresh: Vec<Read> = sqlx::query_as(
        "insert into audit_reads (realm_id, actor_id, impersonator_id, minute, customer_id)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::uuid[])
         on conflict do nothing returning realm_id, actor_id, impersonator_id, minute, customer_id",
    )
    .bind(reads.iter().map(|(realm, ..)| *realm).collect::<Vec<_>>())
    .bind(reads.iter().map(|(_, actor, ..)| actor.clone()).collect::<Vec<_>>())
    .bind(reads.iter().map(|(_, _, impersonator, ..)| impersonator.clone()).collect::<Vec<_>>())
    .bind(reads.iter().map(|(.., minute, _)| *minute).collect::<Vec<_>>())
    .bind(reads.iter().map(|(.., customer)| *customer).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await?;
    Ok(fresh.into_iter().collect())
}

/// Adds entries, a few statements for any number of them: the entries, the `ends` that their chains have by that, and
/// what the actors did.
pub async fn insert(tx: &mut Tx, entries: &[Entry], ends: &[(RealmId, Place)]) -> Result<(), Error> {
    let mut rows = QueryBuilder::<Postgres>::new(format!("insert into audit_entries ({COLUMNS}) "));
    rows.push_values(entries, |mut row, entry| {
        row.push_bind(entry.realm_id).push_bind(entry.number).push_bind(entry.id).push_bind(entry.at);
        row.push_bind(&entry.service).push_bind(entry.store_id).push_bind(&entry.actor_kind);
        row.push_bind(&entry.actor_id).push_bind(&entry.impersonator_kind).push_bind(&entry.impersonator_id);
        row.push_bind(&entry.session).push_bind(&entry.action).push_bind(&entry.target_kind).push_bind(&entry.target);
        row.push_bind(&entry.customers).push_bind(&entry.reason).push_bind(&entry.before).push_bind(&entry.after);
        row.push_bind(&entry.ip).push_bind(&entry.request_id).push_bind(&entry.previous).push_bind(&entry.hash);
    });
    // Of any length: nothing to remember.
    rows.build().persistent(false).execute(&mut **tx).await?;
    sqlx::query(
        "with moved as (
           insert into audit_heads (realm_id, number, hash) select * from unnest($1::uuid[], $2::bigint[], $3::bytea[])
           on conflict (realm_id) do update set number = excluded.number, hash = excluded.hash)
         insert into audit_deeds as d (realm_id, actor_kind, actor_id, action, times, last_at)
         select realm_id, kind, actor, action, count(*), max(at)
         from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
           as deed (realm_id, kind, actor, action, at)
         group by realm_id, kind, actor, action
         on conflict (realm_id, actor_kind, actor_id, action)
           do update set times = d.times + excluded.times, last_at = greatest(d.last_at, excluded.last_at)",
    )
    .bind(ends.iter().map(|(realm, _)| realm.uuid()).collect::<Vec<_>>())
    .bind(ends.iter().map(|(_, end)| end.number).collect::<Vec<_>>())
    .bind(ends.iter().map(|(_, end)| end.hash.to_vec()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.realm_id.uuid()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &*entry.actor_kind).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &*entry.actor_id).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &*entry.action).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.at).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Entries behind the place `after` and up to `until`, in their order, at most `limit`.
pub async fn stretch(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from audit_entries where realm_id = "));
    query.push_bind(realm).push(" and number > ").push_bind(after).push(" and number <= ").push_bind(until);
    query.push(" order by number limit ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// A page of entries, in reading direction: newest first, or what is newer than a row for a backward page.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    page: &Page,
    from: Option<From>,
) -> Result<Vec<Entry>, Error> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from audit_entries"));
    push_filter(&mut query, filter);
    let (side, order) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some((at, number)) = from {
        query.push(format!(" and (at, number) {side} (")).push_bind(at).push(", ").push_bind(number).push(")");
    }
    query.push(format!(" order by at {order}, number {order} limit ")).push_bind(page.fetch());
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// How many there are, up to one more than is counted.
pub async fn count(db: impl PgExecutor<'_>, filter: &Filter) -> Result<i64, Error> {
    let mut query = QueryBuilder::new("select count(*) from (select 1 from audit_entries");
    push_filter(&mut query, filter);
    query.push(" limit ").push_bind(kit::page::COUNT_CAP + 1).push(") as counted");
    Ok(query.build_query_scalar().fetch_one(db).await?)
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &Filter) {
    query.push(" where realm_id = ").push_bind(filter.realm);
    if let Some(store) = filter.store {
        query.push(" and store_id = ").push_bind(store);
    }
    if let Some(customer) = filter.customer {
        query.push(" and customers @> array[").push_bind(customer).push("]");
    }
    let texts = [
        (" and actor_id = ", &filter.actor),
        // As the indexes say it that leave empty texts out, so that any plan may use them.
        (" and impersonator_id <> '' and impersonator_id = ", &filter.impersonator),
        (" and action = ", &filter.action),
        (" and target = ", &filter.target),
        (" and ip <> '' and ip = ", &filter.ip),
        (" and request_id <> '' and request_id = ", &filter.request_id),
    ];
    for (column, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        query.push(column).push_bind(text.clone());
    }
    for (side, at) in [(" and at >= ", filter.since), (" and at < ", filter.until)] {
        if let Some(at) = at {
            query.push(side).push_bind(at);
        }
    }
}

/// Customer bases that a staff member works for.
pub async fn realms_of(db: impl PgExecutor<'_>, staff: StaffId) -> Result<Vec<RealmId>, Error> {
    let realms = sqlx::query_scalar(
        "select coalesce(m.network_id, s.realm_id) from memberships m left join stores s on s.id = m.store_id
         where m.staff_id = $1 group by 1 order by 1",
    );
    Ok(realms.bind(staff).fetch_all(db).await?)
}

/// Names of staff members.
pub async fn names(db: impl PgExecutor<'_>, staff: &[StaffId]) -> Result<Vec<(StaffId, String)>, Error> {
    let ids: Vec<Uuid> = staff.iter().map(|id| id.uuid()).collect();
    Ok(sqlx::query_as("select id, name from staff where id = any($1)").bind(ids).fetch_all(db).await?)
}

/// What an actor did, and when last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Deed {
    /// Who.
    pub actor_id: String,
    /// What.
    pub action: String,
    /// How often.
    pub times: i64,
    /// When last.
    pub last_at: DateTime<Utc>,
}

/// What these staff members and keys did, the newest first.
pub async fn deeds(db: impl PgExecutor<'_>, realm: RealmId, actors: &[String]) -> Result<Vec<Deed>, Error> {
    let deeds = sqlx::query_as(
        "select actor_id, action, times, last_at from audit_deeds
         where realm_id = $1 and actor_kind in ('staff', 'api_key') and actor_id = any($2) order by last_at desc, action",
    );
    Ok(deeds.bind(realm).bind(actors).fetch_all(db).await?)
}

/// Chains that `key` has not signed the end of.
pub async fn unsigned(db: impl PgExecutor<'_>, key: &str) -> Result<Vec<RealmId>, Error> {
    let chains = sqlx::query_scalar(
        "select realm_id from audit_heads h where not exists (
           select from audit_checkpoints c where c.realm_id = h.realm_id and c.number = h.number and c.key = $1)",
    );
    Ok(chains.bind(key).fetch_all(db).await?)
}

/// Checkpoints of places behind `after` and up to `until`.
pub async fn checkpoints(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (after, until): (i64, i64),
) -> Result<Vec<Checkpoint>, Error> {
    let checkpoints = sqlx::query_as(
        "select realm_id, number, hash, at, key, signature from audit_checkpoints
         where realm_id = $1 and number > $2 and number <= $3 order by number",
    );
    Ok(checkpoints.bind(realm).bind(after).bind(until).fetch_all(db).await?)
}

/// The checkpoints of the greatest number, one for each of `keys` at most.
pub async fn newest_checkpoints(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    keys: &[String],
) -> Result<Vec<Checkpoint>, Error> {
    let checkpoints = sqlx::query_as(
        "select c.* from unnest($2::text[]) as known (name) cross join lateral (
           select realm_id, number, hash, at, key, signature from audit_checkpoints
           where realm_id = $1 and key = known.name order by number desc limit 1) c order by c.number desc",
    );
    Ok(checkpoints.bind(realm).bind(keys).fetch_all(db).await?)
}

/// Adds a checkpoint, unless another process was first.
pub async fn insert_checkpoint(db: impl PgExecutor<'_>, checkpoint: &Checkpoint) -> Result<(), Error> {
    sqlx::query(
        "insert into audit_checkpoints (realm_id, number, hash, at, key, signature) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
    )
    .bind(checkpoint.realm_id)
    .bind(checkpoint.number)
    .bind(&checkpoint.hash)
    .bind(checkpoint.at)
    .bind(&checkpoint.key)
    .bind(&checkpoint.signature)
    .execute(db)
    .await?;
    Ok(())
}
