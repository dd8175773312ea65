//! Looks at carts when their time comes. May run in many processes: what one has locked, no other looks at.
use std::time::Duration;

use kit::{Db, clock::Clock, outbox};
use tokio_util::sync::CancellationToken;

use super::{Fate, remind::Reminders, store};
use crate::Error;

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(5);
/// How many carts are looked at in one transaction.
const BATCH: i64 = 200;

/// Tells that carts were abandoned or have expired, and has owners reminded.
#[derive(Clone)]
pub struct Sweeper {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) reminders: Reminders,
}

impl Sweeper {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(error.detail = ?error, "carts that nobody touches could not be looked at");
            }
        }
    }

    /// Looks at all that is due, and reminds whom there is to remind.
    pub async fn round(&self) -> Result<(), Error> {
        while self.sweep().await? == usize::try_from(BATCH).unwrap_or(usize::MAX) {}
        self.reminders.send(self.clock.now()).await
    }

    /// Looks at a batch of carts; answers how many there were.
    async fn sweep(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        let due = store::due(&mut tx, now, BATCH).await?;
        let (mut waiting, mut left, mut over) = (Vec::new(), Vec::new(), Vec::new());
        for cart in &due {
            match cart.fate(now) {
                Fate::Waits(until) => waiting.push((cart, until)),
                Fate::Abandoned(at) => left.push((cart, at, cart.reminder(at, now))),
                Fate::Expired => over.push(cart),
            }
        }
        store::wait(&mut tx, &waiting).await?;
        store::abandon(&mut tx, &left, now).await?;
        store::expire(&mut tx, &over).await?;
        for (cart, at, _) in left {
            outbox::publish(&mut tx, &cart.abandoned(at));
        }
        for cart in over {
            outbox::publish(&mut tx, &cart.expired());
            if let Some(held) = cart.let_go(now) {
                outbox::publish(&mut tx, &held.changed());
            }
        }
        tx.commit().await?;
        Ok(due.len())
    }
}
