//! Writes the files, and removes those whose time is over.
use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use files::Files;
use kit::{
    Db, Error as KitError,
    audit::{self, Entry, json},
    clock::Clock,
    ids::{ExportId, RealmId},
};
use tokio::{sync::Notify, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{
    export::{Export, KEPT, State, TRIES},
    lists::Lists,
    request::told,
    sheet::Sheet,
    source::Source,
    store,
};
use crate::Error;

/// How long an export taken up is kept from others. It is renewed while there is work at it, however long one step takes.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(20);

/// Writes files. Clones share everything.
#[derive(Clone)]
pub struct Clerk {
    db: Db,
    clock: Clock,
    files: Files,
    lists: Lists,
}

/// Writes what is due until `stop`: when `asked` tells of something new, and each second.
pub async fn run(clerk: Clerk, asked: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match stop.run_until_cancelled(Box::pin(clerk.write_one())).await {
            Some(Ok(true)) => continue,
            Some(Ok(false)) | None => {}
            Some(Err(error)) => tracing::warn!(error.detail = ?error, "exports wait"),
        }
        if let Err(error) = clerk.tidy().await {
            tracing::warn!(error.detail = ?error, "files whose time is over stay for now");
        }
        let _ = stop.run_until_cancelled(tokio::time::timeout(Duration::from_secs(1), asked.notified())).await;
    }
}

impl Clerk {
    /// Somebody who writes lists of `db`, and of others, into `files`.
    #[must_use]
    pub fn new((db, clock): (Db, Clock), files: Files, lists: Lists) -> Self {
        Self { db, clock, files, lists }
    }

    /// Writes an export that is due; whether there was one. What fails is tried again when its lease ends, by whoever is
    /// there then, from its beginning.
    pub async fn write_one(&self) -> Result<bool, Error> {
        let Some(mut export) = store::claim(self.db.pool(), &self.clock, LEASE).await? else { return Ok(false) };
        if export.attempts > TRIES {
            (export.state, export.failure) = (State::Failed, "gave_up".to_owned());
            self.files.remove(&export.place()).await?;
            self.settle(export).await?;
            return Ok(true);
        }
        let taken = (export.realm, export.id, export.attempts);
        let written = tokio::select! {
            written = self.write(&mut export) => written,
            () = self.keep(taken) => Ok(false),
        };
        match written {
            Ok(true) => self.settle(export).await?,
            Ok(false) => tracing::info!(export.id = %export.id, "somebody else writes this export"),
            Err(error) => {
                tracing::warn!(error.detail = ?error, export.id = %export.id, attempt = export.attempts,
                    "an export could not be written");
            }
        }
        Ok(true)
    }

    /// Keeps an export from others; ends when one of them has it.
    async fn keep(&self, taken: (RealmId, ExportId, i32)) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match store::renew(self.db.pool(), taken, &self.clock, LEASE).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(error.detail = ?error, "the lease of an export could not be renewed"),
            }
        }
    }

    /// Writes the file of `export` and keeps it; `false` when somebody else has taken it up meanwhile.
    async fn write(&self, export: &mut Export) -> Result<bool, Error> {
        let mut source = Source::of(export, (&self.db, &self.lists))?;
        let folder = self.files.folder()?;
        let mut sheet = Sheet::begin(export.format, folder, export.kind.slug(), &source.heading()).map_err(broken)?;
        export.done = 0;
        loop {
            let batch = source.next().await?;
            export.total = batch.total.unwrap_or(export.total);
            export.done += i64::try_from(batch.rows.len()).unwrap_or_default();
            let rows = batch.rows;
            sheet = spawn_blocking(move || sheet.add(&rows).map(|()| sheet)).await.map_err(broken)?.map_err(broken)?;
            if !store::advance(self.db.pool(), export).await? {
                return Ok(false);
            }
            if !batch.more {
                break;
            }
        }
        let file = spawn_blocking(move || sheet.end()).await.map_err(broken)?.map_err(broken)?;
        if !store::advance(self.db.pool(), export).await? {
            return Ok(false);
        }
        export.total = export.done;
        export.size = i64::try_from(self.files.keep(file, &export.place()).await?).unwrap_or(i64::MAX);
        (export.state, export.file) = (State::Succeeded, export.place());
        Ok(true)
    }

    /// Keeps how `export` ended, and records it: no list leaves the house without its entry.
    async fn settle(&self, mut export: Export) -> Result<(), Error> {
        let now = self.clock.now();
        (export.ended_at, export.expires_at) = (Some(now), Some(now + KEPT));
        let mut tx = self.db.begin_own().await?;
        if store::end(&mut tx, &export).await? {
            let mut after = told(&export);
            after["rows"] = json!(export.done);
            after["requested_by"] = json!(export.created_by);
            after["failure"] = json!(export.failure);
            let entry = Entry::new("export.ended", ("export", export.id), now).within(export.realm, export.store);
            audit::record_own(&mut tx, entry.created(after));
        }
        Ok(tx.commit().await?)
    }

    /// Removes files whose time is over, and those in which somebody may be who was forgotten since (CU-15).
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for export in store::outlived(self.db.pool(), now).await? {
            if !export.file.is_empty() {
                self.files.remove(&export.file).await?;
            }
            store::forget(self.db.pool(), &export, now).await?;
        }
        Ok(())
    }
}

fn broken(error: impl std::fmt::Display) -> Error {
    KitError::Internal(error.to_string()).into()
}
