//! Records how an attempt went, and what follows for the delivery and its webhook.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Error, Tx,
    audit::{self, Entry},
    ids::{RealmId, StoreId},
    secret::random,
};

use super::{hook_delivery::pause, post::Outcome, queue::Due, work::Posting};
use crate::webhook::webhook::{Disabled, PATIENCE};

/// Records `outcome`, which took `ms`. An attempt whose lease somebody else has taken over is only logged.
pub(super) async fn settle(posting: &Posting, due: &Due, outcome: &Outcome, ms: i32) -> Result<(), Error> {
    let (now, shared) = (posting.clock.now(), posting.clock.shared());
    let mut tx = posting.db.begin_own().await?;
    if !log(&mut tx, due, (outcome, ms), now).await? {
        return tx.commit().await;
    }
    if outcome.error.is_none() {
        delivered(&mut tx, due, outcome, now).await?;
        works(&mut tx, due).await?;
    } else {
        match pause(due.attempts, outcome.wait, random::<1>()[0]) {
            Some(pause) if !is_gone(outcome) => postponed(&mut tx, due, outcome, (shared, pause)).await?,
            _ => failed(&mut tx, due, outcome, now).await?,
        }
        if let Some(reason) = fails(&mut tx, due, is_gone(outcome), now).await? {
            audit::record_own(&mut tx, switched_off(due, reason, now));
        }
    }
    tx.commit().await
}

/// The receiver never wants to hear from us again.
fn is_gone(outcome: &Outcome) -> bool {
    outcome.status == Some(410)
}

fn switched_off(due: &Due, reason: Disabled, now: DateTime<Utc>) -> Entry {
    let store = (due.place_id != due.realm_id.uuid()).then(|| StoreId::from_uuid(due.place_id));
    let entry = Entry::new("webhook.disabled", ("webhook", due.webhook_id), now);
    entry.within(RealmId::from_uuid(due.realm_id.uuid()), store).because(reason.slug())
}

/// Adds the attempt to the log, if its delivery is still there; whether it is still this one's.
async fn log(tx: &mut Tx, due: &Due, (outcome, ms): (&Outcome, i32), now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let own = sqlx::query_scalar(
        "with delivery as (select webhook_id, id, state = 'pending' and attempts = $3 as own from hook_deliveries
                           where webhook_id = $1 and id = $2 for no key update),
              logged as (insert into hook_attempts (webhook_id, delivery_id, at, status, ms, error)
                         select webhook_id, id, $4, $5, $6, $7 from delivery)
         select own from delivery",
    );
    let own = own.bind(due.webhook_id).bind(due.id).bind(due.attempts).bind(now);
    let own = own.bind(outcome.status.map(i32::from)).bind(ms).bind(outcome.error);
    Ok(own.fetch_optional(&mut **tx).await?.unwrap_or(false))
}

async fn delivered(tx: &mut Tx, due: &Due, outcome: &Outcome, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let delivered =
        "update hook_deliveries set state = 'delivered', next_attempt_at = null, settled_at = $3, status = $4,
                       error = null where webhook_id = $1 and id = $2";
    let delivered = sqlx::query(delivered).bind(due.webhook_id).bind(due.id).bind(now);
    delivered.bind(outcome.status.map(i32::from)).execute(&mut **tx).await?;
    Ok(())
}

async fn failed(tx: &mut Tx, due: &Due, outcome: &Outcome, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let failed = "update hook_deliveries set state = 'failed', next_attempt_at = null, settled_at = $3, status = $4,
                    error = $5 where webhook_id = $1 and id = $2";
    let failed = sqlx::query(failed).bind(due.webhook_id).bind(due.id).bind(now);
    failed.bind(outcome.status.map(i32::from)).bind(outcome.error).execute(&mut **tx).await?;
    Ok(())
}

async fn postponed(
    tx: &mut Tx,
    due: &Due,
    outcome: &Outcome,
    (shared, pause): (Option<DateTime<Utc>>, TimeDelta),
) -> Result<(), sqlx::Error> {
    let postponed =
        "update hook_deliveries set next_attempt_at = coalesce($3, statement_timestamp()) + $4, status = $5,
                       error = $6 where webhook_id = $1 and id = $2";
    let postponed = sqlx::query(postponed).bind(due.webhook_id).bind(due.id).bind(shared).bind(pause);
    postponed.bind(outcome.status.map(i32::from)).bind(outcome.error).execute(&mut **tx).await?;
    Ok(())
}

/// Whatever failed before is forgiven.
async fn works(tx: &mut Tx, due: &Due) -> Result<(), sqlx::Error> {
    let works = "update webhooks set failing_since = null where id = $1 and failing_since is not null";
    sqlx::query(works).bind(due.webhook_id).execute(&mut **tx).await?;
    Ok(())
}

/// Remembers since when everything fails, and switches off what is gone or has failed for too long; answers why, if this
/// did it.
async fn fails(tx: &mut Tx, due: &Due, gone: bool, now: DateTime<Utc>) -> Result<Option<Disabled>, sqlx::Error> {
    // Most attempts find nothing to note, and hold up nobody.
    let noted = sqlx::query_scalar(
        "with noted as (
           update webhooks set failing_since = coalesce(failing_since, $2),
             disabled_reason = case when $3 then 'gone' when failing_since <= $2 - $4 then 'failing' end,
             tell_owners = not $3 and coalesce(failing_since <= $2 - $4, false),
             updated_at = case when $3 or failing_since <= $2 - $4 then $2 else updated_at end,
             version = version + case when $3 or failing_since <= $2 - $4 then 1 else 0 end
           where id = $1 and disabled_reason is null and deleted_at is null
             and ($3 or failing_since is null or failing_since <= $2 - $4)
           returning disabled_reason)
         select disabled_reason from noted where disabled_reason is not null",
    );
    let noted = noted.bind(due.webhook_id).bind(now).bind(gone).bind(PATIENCE);
    noted.fetch_optional(&mut **tx).await
}
