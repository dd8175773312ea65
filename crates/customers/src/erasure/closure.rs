//! Closing one's account ends in an erasure (ID-13), as soon as no payment is on its way.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{Db, Tx, clock::Clock, secret::Secrets, service::Env};
use tokio_util::sync::CancellationToken;

use super::{erase::erase_closed, peers::Peers, store, whom::Id};
use crate::{Error, NAME};

/// How often closures are looked at.
const PAUSE: Duration = Duration::from_secs(1);
/// After how long one is looked at again that could not be carried out.
const PATIENCE: TimeDelta = TimeDelta::seconds(15);

/// Takes note that somebody closed their account. Repeatable.
pub async fn note_closure(tx: &mut Tx, id: Id, at: DateTime<Utc>, clock: &Clock) -> Result<(), Error> {
    store::note_closure(tx, id, at, clock).await
}

/// Carries out closures.
#[derive(Clone)]
pub struct Closures {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) peers: Peers,
}

impl Closures {
    /// On the database of `env`.
    pub fn of(env: &Env) -> anyhow::Result<Self> {
        let (db, peers) = (env.db(NAME)?, Peers::new(env)?);
        Ok(Self { db, clock: env.clock.clone(), secrets: env.secrets.clone(), peers })
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(error.detail = ?error, "a closure waits");
            }
        }
    }

    /// Erases everybody whose closure is due and who has no payment open; answers how many were looked at. One that
    /// fails holds up no other.
    pub async fn round(&self) -> Result<usize, Error> {
        let due = store::take_closures(self.db.pool(), &self.clock, PATIENCE).await?;
        for id in &due {
            if let Err(error) = self.look(*id).await {
                tracing::warn!(error.detail = ?error, "a closure waits");
            }
        }
        Ok(due.len())
    }

    async fn look(&self, id: Id) -> Result<(), Error> {
        if self.peers.open_payments(id).await? > 0 {
            return Ok(());
        }
        let mut tx = self.db.begin_own().await?;
        erase_closed(&mut tx, (&self.secrets, &self.clock), id).await?;
        Ok(tx.commit().await?)
    }
}
