//! Checks files and carries them out, a few rows at a time, and removes those whose time is over. Whoever dies at it leaves
//! nothing half done: another goes on with the row behind the last one that was seen to.
use std::{
    io::{Seek, Write},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use files::Files;
use kit::{
    Db, Error as KitError, Tx,
    audit::{self, Entry},
    clock::Clock,
    service::Env,
};
use serde_json::json;
use tokio::{sync::Notify, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{
    Import, State,
    begin::counts,
    plan::Intake,
    row::Reading,
    step::{LastLines, next, see_to},
    store,
    table::Rows,
};
use crate::{
    Error, NAME,
    loose_file::{store as loose, sweep::sweep},
    shops::Shops,
};

/// How long an import that was taken up is kept from others; each few rows take far less.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often an import is taken up again that does not get on.
const TRIES: i32 = 5;
/// Bytes that are fetched at once.
const PIECE: u64 = 1024 * 1024;

/// Takes people in. Clones share everything.
#[derive(Clone)]
pub struct Worker {
    db: Db,
    clock: Clock,
    files: Files,
    shops: Shops,
}

/// An import that was taken up, with its file.
pub struct Taken {
    import: Import,
    rows: Rows,
    reading: Reading,
    last: LastLines,
    intake: Intake,
}

/// Works on what is due until `stop`: when `asked` tells of something new, and each second.
pub async fn run(worker: Worker, asked: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match stop.run_until_cancelled(Box::pin(worker.work_one())).await {
            Some(Ok(true)) => continue,
            Some(Ok(false)) | None => {}
            Some(Err(error)) => tracing::warn!(error.detail = ?error, "imports wait"),
        }
        if let Err(error) = worker.tidy().await {
            tracing::warn!(error.detail = ?error, "files whose time is over stay for now");
        }
        let _ = stop.run_until_cancelled(tokio::time::timeout(Duration::from_secs(1), asked.notified())).await;
    }
}

impl Worker {
    /// On the database of `env`.
    pub fn of(env: &Env) -> anyhow::Result<Self> {
        let files = Files::open(&env.settings.files, env.settings.tls.tls_ca.as_deref())?;
        Ok(Self { db: env.db(NAME)?, clock: env.clock.clone(), files, shops: Shops::new(&env.peer(NAME, "identity")?) })
    }

    /// Takes up an import that is due, and fetches its file; whether there was one, and what there is to do about it.
    pub async fn take(&self) -> Result<Option<Option<Taken>>, Error> {
        let Some(import) = store::claim(self.db.pool(), &self.clock, LEASE).await? else { return Ok(None) };
        if import.attempts > TRIES {
            let mut tx = self.db.begin_own().await?;
            if let Some(import) = store::lock(&mut tx, import.realm, import.id).await?.filter(is_at_work) {
                self.end(&mut tx, import, (State::Failed, "gave_up")).await?;
            }
            tx.commit().await?;
            return Ok(Some(None));
        }
        let shop = self.shops.find(import.realm, import.store).await?;
        let (scope, who, checking) = (import.scope(), import.started_by.clone(), import.state == State::Checking);
        let intake = Intake { scope, shop, who, checking, now: self.clock.now() };
        let mut rows = Rows::of(self.fetch(&import).await?, import.delimiter());
        let reading = Reading::of(&import);
        let (read, first) = (reading.clone(), import.first());
        let (rows, last) = spawn_blocking(move || {
            rows.seek(first)?;
            let last = LastLines::read(&mut rows, &read)?;
            Ok::<_, std::io::Error>((rows, last))
        })
        .await
        .map_err(broken)?
        .map_err(broken)?;
        Ok(Some(Some(Taken { import, rows, reading, last, intake })))
    }

    /// Works on an import that is due, to its end; whether there was one. What fails is gone on with when its lease ends, by
    /// whoever is there then.
    pub async fn work_one(&self) -> Result<bool, Error> {
        let mut taken = match self.take().await? {
            None => return Ok(false),
            Some(None) => return Ok(true),
            Some(Some(taken)) => taken,
        };
        loop {
            match self.step(&mut taken).await {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(error) => {
                    tracing::warn!(error.detail = ?error, import.id = %taken.import.id,
                        attempt = taken.import.attempts, "an import does not get on");
                    return Ok(true);
                }
            }
        }
    }

    /// Sees to the next few rows; whether there may be more of them.
    pub async fn step(&self, taken: &mut Taken) -> Result<bool, Error> {
        let Taken { import: Import { realm, id, state, .. }, rows, reading, last, intake } = taken;
        intake.now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        // Whoever is at the same import waits here, and finds the next few.
        let Some(mut import) = store::lock(&mut tx, *realm, *id).await?.filter(|import| import.state == *state) else {
            return Ok(false);
        };
        let cells = next(rows, &import).map_err(broken)?;
        if cells.is_empty() {
            let end = if *state == State::Checking { State::Checked } else { State::Succeeded };
            self.end(&mut tx, import, (end, "")).await?;
            tx.commit().await?;
            self.tidy().await?;
            return Ok(false);
        }
        see_to(&mut tx, &mut import, (reading, last, intake), &cells).await?;
        // Whoever was forgotten meanwhile, and was found no more, would be back.
        if store::is_withdrawn(&mut tx, &import).await? {
            tx.rollback().await?;
            self.tidy().await?;
            return Ok(false);
        }
        import.advance(rows.place());
        store::save(&mut tx, &import).await?;
        store::advance(&mut tx, &import, &self.clock, LEASE).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A copy of the file, which nobody else finds and which goes with whoever reads it.
    async fn fetch(&self, import: &Import) -> Result<std::fs::File, Error> {
        let mut copy = tempfile::tempfile_in(self.files.folder()?).map_err(broken)?;
        let size = u64::try_from(import.size).unwrap_or_default();
        let mut offset = 0;
        while offset < size {
            let piece = self.files.read(&import.place(), offset, PIECE.min(size - offset)).await?;
            let piece = piece.filter(|piece| !piece.is_empty());
            let piece = piece.ok_or_else(|| KitError::Internal("the file of an import is not there".to_owned()))?;
            copy.write_all(&piece).map_err(broken)?;
            offset += piece.len() as u64;
        }
        copy.rewind().map_err(broken)?;
        Ok(copy)
    }

    /// Keeps how `import` ended, and records it once it is over.
    async fn end(&self, tx: &mut Tx, mut import: Import, (state, failure): (State, &str)) -> Result<(), Error> {
        let now = self.clock.now();
        import.finish(state, failure, now);
        store::save(tx, &import).await?;
        if import.ended_at.is_some() {
            let mut told = counts(&import);
            told["state"] = json!(state.slug());
            told["failure"] = json!(failure);
            told["started_by"] = json!(import.started_by);
            let entry = Entry::new("import.ended", ("import", import.id), now).within(import.realm, import.store);
            audit::record_own(tx, entry.created(told));
        }
        Ok(())
    }

    /// Removes files of imports that have ended or whose time is over, and those in which somebody may be who was forgotten
    /// since (CU-15); drops an import that was let go of.
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let outlived = store::outlived(self.db.pool(), now).await?;
        for import in &outlived {
            let mut tx = self.db.begin_own().await?;
            let Some(import) = store::lock(&mut tx, import.realm, import.id).await? else { continue };
            let (withdrawn, has_file) = (store::is_withdrawn(&mut tx, &import).await?, !import.file.is_empty());
            if import.ended_at.is_none() {
                let failure = if import.expires_at <= now { "expired" } else { "withdrawn" };
                self.end(&mut tx, import.clone(), (State::Failed, failure)).await?;
            }
            store::forget_file(&mut tx, &import, withdrawn).await?;
            if has_file {
                // One that cannot be removed is tried again, and holds up no other.
                loose::expect(&mut tx, &import.file, now).await?;
            }
            tx.commit().await?;
        }
        if !outlived.is_empty() {
            sweep((&self.db, &self.clock), &self.files).await?;
        }
        store::forget(self.db.pool(), now).await?;
        Ok(())
    }
}

/// Whether there is something to do.
fn is_at_work(import: &Import) -> bool {
    import.due_at.is_some()
}

fn broken(error: impl std::fmt::Display) -> Error {
    KitError::Internal(error.to_string()).into()
}
