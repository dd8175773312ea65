//! All SQL of attempts and rates.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::Tx;
use sqlx::PgExecutor;

use super::{
    attempt::{Limit, PASSWORD, Tries},
    rate::Rate,
};
use crate::Error;

/// Takes one of a rate, and only then counts a try, in one statement: $1–$5 are the rate, $6–$9 the limit, $11 whose it is. Both are
/// refused while their time has not come; the row is locked either way, so that tries that come at once are counted one
/// by one. A try of a password is a transaction of its own, which does not wait for the disk: a database that dies
/// forgets the tries of its last moment.
const TRY: &str = "with let_in as (
     insert into rates as r (kind, key, full_at) select $1, $2, $10 + $4 where $5
     on conflict on constraint rates_pkey do update
       set full_at = greatest(r.full_at, $10) + $4 where r.full_at <= $10 + $3
     returning 1),
   counted as (
     insert into attempts as a (kind, key, tries, tried_at, free_at, whose)
     select $6, $7, 1, $10, $10 + ($8::interval[])[1], $11 where not $5 or exists (select from let_in)
     on conflict on constraint attempts_pkey do update set (tries, tried_at, free_at) =
       (select n, $10, $10 + ($8::interval[])[least(n, cardinality($8::interval[]))]
        from (select case when a.tried_at <= $10 - $9 then 1 else a.tries + 1 end as n) next)
       where a.free_at <= $10
     returning 1)
   select not $5 or exists (select from let_in), exists (select from counted),
     case when $11 is not null then set_config('synchronous_commit', 'off', true) end";

/// Counts a try of a password before it is compared, or says how long to wait: for the network address, which may try
/// so often whatever it tries, or for the account at that address.
pub async fn try_password(db: impl PgExecutor<'_> + Copy, tries: &Tries, now: DateTime<Utc>) -> Result<(), Error> {
    match attempt(db, (&tries.rate, tries.network), (&PASSWORD, &tries.account, Some(&tries.whose)), now).await? {
        (true, true) => Ok(()),
        (true, false) => Err(Error::TooManyTries(wait(db, &PASSWORD, &tries.account, now).await?)),
        (false, _) => Err(Error::TooManyTries(rate_wait(db, &tries.rate, tries.network, now).await?)),
    }
}

/// Counts a try of what `key` stands for, or says how long to wait. To be committed before the answer is judged.
pub async fn count(tx: &mut Tx, limit: &Limit, key: &[u8], now: DateTime<Utc>) -> Result<(), Error> {
    let unlimited = Rate::new("", 0, 0, TimeDelta::zero());
    match attempt(&mut **tx, (&unlimited, None), (limit, key, None), now).await? {
        (_, true) => Ok(()),
        _ => Err(Error::TooManyTries(wait(&mut **tx, limit, key, now).await?)),
    }
}

/// Whether the rate let it in, and whether the try was counted.
async fn attempt(
    db: impl PgExecutor<'_>,
    (rate, network): (&Rate, Option<[u8; 32]>),
    (limit, key, whose): (&Limit, &[u8], Option<&[u8; 32]>),
    now: DateTime<Utc>,
) -> Result<(bool, bool), Error> {
    let tried = sqlx::query_as::<_, (bool, bool, Option<String>)>(TRY)
        .bind(rate.kind)
        .bind(network.unwrap_or_default())
        .bind(rate.slack())
        .bind(rate.every().unwrap_or_default())
        .bind(rate.every().is_some() && network.is_some())
        .bind(limit.kind)
        .bind(key)
        .bind(limit.waits())
        .bind(limit.forgotten)
        .bind(now)
        .bind(whose.map(<[u8; 32]>::as_slice));
    let (let_in, counted, _) = tried.fetch_one(db).await?;
    Ok((let_in, counted))
}

async fn wait(db: impl PgExecutor<'_>, limit: &Limit, key: &[u8], now: DateTime<Utc>) -> Result<Duration, Error> {
    let free: Option<DateTime<Utc>> = sqlx::query_scalar("select free_at from attempts where kind = $1 and key = $2")
        .bind(limit.kind)
        .bind(key)
        .fetch_optional(db)
        .await?;
    Ok(free.and_then(|free| (free - now).to_std().ok()).unwrap_or_default())
}

/// Takes one of `rate` for what `key` stands for, or says how long to wait. Nothing is counted without a key.
pub async fn take(
    db: impl PgExecutor<'_> + Copy,
    rate: &Rate,
    key: Option<[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (Some(key), Some(every)) = (key, rate.every()) else { return Ok(()) };
    let taken = sqlx::query(
        "insert into rates as r (kind, key, full_at) values ($1, $2, $3 + $4)
         on conflict on constraint rates_pkey do update
           set full_at = greatest(r.full_at, $3) + $4 where r.full_at <= $3 + $5",
    );
    let taken = taken.bind(rate.kind).bind(key).bind(now).bind(every).bind(rate.slack()).execute(db).await?;
    if taken.rows_affected() == 1 {
        return Ok(());
    }
    Err(Error::TooManyTries(rate_wait(db, rate, Some(key), now).await?))
}

async fn rate_wait(
    db: impl PgExecutor<'_>,
    rate: &Rate,
    key: Option<[u8; 32]>,
    now: DateTime<Utc>,
) -> Result<Duration, Error> {
    let full = sqlx::query_scalar("select full_at from rates where kind = $1 and key = $2");
    let full: Option<DateTime<Utc>> = full.bind(rate.kind).bind(key).fetch_optional(db).await?;
    Ok(full.map(|full| rate.wait(full, now)).unwrap_or_default())
}

/// Takes back the try of `at`, because a part of the house was away and nobody has judged it. What others tried since
/// then stays counted.
pub async fn take_back(db: impl PgExecutor<'_>, tries: &Tries, at: DateTime<Utc>) -> Result<(), Error> {
    let taken = "with rate as (update rates set full_at = full_at - $5 where kind = $3 and key = $4)
                 update attempts set tries = greatest(tries - 1, 0), free_at = tried_at
                 where kind = $1 and key = $2 and tried_at = $6";
    sqlx::query(taken)
        .bind(PASSWORD.kind)
        .bind(tries.account)
        .bind(tries.rate.kind)
        .bind(tries.network.filter(|_| tries.rate.every().is_some()))
        .bind(tries.rate.every().unwrap_or_default())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets the tries of what `key` stands for, because one succeeded.
pub async fn forget(tx: &mut Tx, limit: &Limit, key: &[u8]) -> Result<(), Error> {
    let forgotten = sqlx::query("delete from attempts where kind = $1 and key = $2");
    forgotten.bind(limit.kind).bind(key).execute(&mut **tx).await?;
    Ok(())
}
