//! Writes what was noted of who reads personal data, beside the requests (AD-1).
use std::{sync::Arc, time::Duration};

use base::{audit::Entry, clock::Clock};
pub use mesh::reads::{ACTION, Note, Reads};
use tokio::sync::{Mutex, mpsc::Receiver};
use tokio_util::sync::CancellationToken;

use crate::{
    Db, Error, audit,
    service::{Task, task},
};

/// How many are written in one transaction.
const BATCH: usize = 500;
/// How often they are written at most.
const GATHER: Duration = Duration::from_millis(250);

/// Whoever takes the notes of a service, and the task that writes them.
#[must_use]
pub fn kept(db: &Db, clock: &Clock) -> (Reads, Task) {
    let (reads, notes) = Reads::new(db.service(), clock);
    let (db, notes) = (db.clone(), Arc::new(Mutex::new(notes)));
    (reads, task(move |stop| write(db.clone(), Arc::clone(&notes), stop)))
}

/// Writes notes until `stop`, and then those that are left.
async fn write(db: Db, notes: Arc<Mutex<Receiver<Note>>>, stop: CancellationToken) {
    let (mut notes, mut batch) = (notes.lock().await, Vec::new());
    loop {
        let going_on = stop.run_until_cancelled(notes.recv_many(&mut batch, BATCH)).await.is_some();
        while let Ok(note) = notes.try_recv() {
            batch.push(note);
        }
        while let Err(error) = keep(&db, &batch).await {
            tracing::warn!(error.detail = ?error, service = db.service(), "readings wait to be recorded");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        batch.clear();
        if !going_on {
            return;
        }
        stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
    }
}

/// Records notes in one transaction.
async fn keep(db: &Db, notes: &[Note]) -> Result<(), Error> {
    if notes.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin_own().await?;
    for (call, customers, at) in notes {
        let target = if let [one] = customers.as_slice() { one.to_string() } else { String::new() };
        let entry = customers.iter().fold(Entry::new(ACTION, ("customer", target), *at), |e, c| e.about(*c));
        audit::record(&mut tx, call, entry)?;
    }
    tx.commit().await
}
