//! Keys take turns without a restart: the next one is published a day before it signs, the one before stays until nothing
//! it signed is good.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{assertion::LIFETIME, clock::Clock};
use tokio_util::sync::CancellationToken;

use super::{Keyring, store};
use crate::Error;

/// How long a key signs.
const TURN: TimeDelta = TimeDelta::days(30);
/// How long before it signs a key is published.
const NOTICE: TimeDelta = TimeDelta::days(1);
/// How long a key stays after its turn: what it signed last, by a process that had not looked for a minute, is good for
/// five more; and some for clocks that differ.
const REST: TimeDelta = TimeDelta::minutes(LIFETIME.num_minutes() + 10);
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

/// Publishes the next key when the turn of the present one ends soon, and retires those whose rest is over.
pub async fn rotate(keyring: &Keyring, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = keyring.db().begin_own().await?;
    store::lock(&mut tx).await?;
    let keys = store::good(&mut *tx).await?;
    for pair in keys.windows(2).filter(|pair| pair[1].active_at + REST <= now) {
        store::retire(&mut tx, pair[0].id, now).await?;
    }
    if let Some(newest) = keys.last().filter(|newest| newest.active_at + TURN - NOTICE <= now) {
        let active_at = (newest.active_at + TURN).max(now + NOTICE);
        keyring.add(&mut tx, active_at, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Has a new key sign at once, because the present one may be known to somebody; the others are retired, so that nothing
/// they signed is good any longer than verifiers remember them.
pub async fn replace(keyring: &Keyring, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = keyring.db().begin_own().await?;
    store::lock(&mut tx).await?;
    for key in store::good(&mut *tx).await? {
        store::retire(&mut tx, key.id, now).await?;
    }
    keyring.add(&mut tx, now, now).await?;
    Ok(tx.commit().await?)
}
