//! Keys take turns without a restart and without a call that fails: the next one is always published before it signs, and
//! the one before stays until nothing it signed is good.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{Tx, assertion::LIFETIME, clock::Clock};
use tokio_util::sync::CancellationToken;

use super::{
    Keyring,
    store::{self, Key},
};
use crate::Error;

/// How long a key signs.
const TURN: TimeDelta = TimeDelta::days(30);
/// How long before it signs a key is published at least, unless it is needed at once.
const NOTICE: TimeDelta = TimeDelta::days(1);
/// How long a key stays after its turn: what it signed last is good for five minutes; and some for clocks that differ.
const REST: TimeDelta = TimeDelta::minutes(LIFETIME.num_minutes() + 10);
/// How long what a lost key signed stays good, so that nobody is turned away: processes sign with it for some seconds
/// more, and gateways remember for a minute what it signed. Longer would only serve whoever has it.
const HANDOVER: TimeDelta = TimeDelta::seconds(90);
/// How often it is looked whether something is to be done.
const PAUSE: Duration = Duration::from_mins(1);

/// Lets keys take turns until `stop`.
pub async fn run(keyring: Keyring, clock: Clock, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = rotate(&keyring, clock.now()).await {
            tracing::warn!(error.detail = ?error, "signing keys could not take turns");
        }
    }
}

/// Retires the keys whose rest is over, and publishes the next one when the last one's turn has begun.
pub async fn rotate(keyring: &Keyring, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = keyring.db().begin_own().await?;
    store::lock(&mut tx).await?;
    let keys = store::standing(&mut *tx).await?;
    for pair in keys.windows(2).filter(|pair| pair[1].active_at + REST <= now) {
        store::retire(&mut tx, pair[0].id, now).await?;
    }
    if let Some(newest) = keys.last().filter(|newest| newest.active_at <= now) {
        publish_next(keyring, &mut tx, newest, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Adds the key whose turn follows on that of the `present` one. The keys are locked.
pub(super) async fn publish_next(
    keyring: &Keyring,
    tx: &mut Tx,
    present: &Key,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    keyring.add(tx, (present.active_at + TURN).max(now + NOTICE), now).await.map(drop)
}

/// Has the next key sign at once, because the present one may be known to somebody. Verifiers know the next one already;
/// what the others signed is good for the handover only.
pub async fn replace(keyring: &Keyring, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = keyring.db().begin_own().await?;
    store::lock(&mut tx).await?;
    let (begun, waiting): (Vec<Key>, Vec<Key>) =
        store::standing(&mut *tx).await?.into_iter().partition(|key| key.active_at <= now);
    for key in begun {
        store::retire(&mut tx, key.id, now + HANDOVER).await?;
    }
    let present = match waiting.into_iter().next() {
        Some(next) => {
            store::promote(&mut tx, next.id, now).await?;
            Key { active_at: now, ..next }
        }
        None => keyring.add(&mut tx, now, now).await?,
    };
    publish_next(keyring, &mut tx, &present, now).await?;
    Ok(tx.commit().await?)
}
