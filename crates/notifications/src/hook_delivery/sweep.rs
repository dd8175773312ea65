//! Clears up bit by bit: what waits for webhooks that are switched off, what was kept for long enough, and what is left of
//! webhooks that are gone. Tells how much waits.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Db, Error, clock::Clock};
use tokio_util::sync::CancellationToken;

use super::{hook_delivery::KEPT, owners::Owners, queue};

/// How often the queue is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// Rows of one statement at most.
const BATCH: i64 = 1000;

/// What the sweeper works with. Clones share it.
#[derive(Clone)]
pub struct Sweeper {
    /// The service's database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Tells owners what was switched off.
    pub owners: Owners,
}

/// Clears up until `stop`.
pub async fn run(sweeper: Sweeper, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = sweeper.sweep().await {
            tracing::warn!(error.detail = ?error, "deliveries to webhooks could not be cleared up");
        }
        stop.run_until_cancelled(tokio::time::sleep(EVERY)).await;
    }
}

impl Sweeper {
    /// Clears up once.
    pub async fn sweep(&self) -> Result<(), Error> {
        let (depth, age) = queue::depth(self.db.pool(), &self.clock).await?;
        metrics::gauge!("webhook_deliveries_waiting").set(reading(depth));
        metrics::gauge!("webhook_deliveries_age_seconds").set(age);
        self.settle_idle().await?;
        self.prune(self.clock.now()).await?;
        self.owners.tell().await
    }

    /// Gives up what waits for webhooks that are switched off; it can be asked for again.
    async fn settle_idle(&self) -> Result<(), sqlx::Error> {
        let settled = sqlx::query(
            "update hook_deliveries d set state = 'failed', next_attempt_at = null, settled_at = $1, error = 'disabled'
             from (select o.webhook_id, o.id from webhooks w
                   cross join lateral (select webhook_id, id from hook_deliveries
                     where webhook_id = w.id and state = 'pending' limit $2 for update skip locked) o
                   where w.disabled_reason is not null or w.deleted_at is not null limit $2) as idle
             where d.webhook_id = idle.webhook_id and d.id = idle.id",
        );
        settled.bind(self.clock.now()).bind(BATCH).execute(self.db.pool()).await?;
        Ok(())
    }

    async fn prune(&self, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        for prune in [
            "delete from hook_deliveries d using (
               select webhook_id, id from hook_deliveries where created_at < $1 and state <> 'pending' limit $2) as old
             where d.webhook_id = old.webhook_id and d.id = old.id",
            "delete from hook_deliveries d using (
               select o.webhook_id, o.id from webhooks w
               cross join lateral (select webhook_id, id from hook_deliveries where webhook_id = w.id limit $2) o
               where w.deleted_at is not null and $1::timestamptz is not null limit $2) as gone
             where d.webhook_id = gone.webhook_id and d.id = gone.id",
            "delete from hook_events where id in (
               select id from hook_events e where created_at < $1
                 and not exists (select from hook_deliveries d where d.event_id = e.id) limit $2)",
            "delete from webhooks where id in (
               select id from webhooks w where deleted_at is not null and $1::timestamptz is not null
                 and not exists (select from hook_deliveries d where d.webhook_id = w.id) limit $2)",
        ] {
            sqlx::query(prune).bind(now - KEPT).bind(BATCH).execute(self.db.pool()).await?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn reading(count: i64) -> f64 {
    count as f64
}
