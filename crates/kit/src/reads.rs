//! Reading personal data in the clear is recorded beside the request (AD-1): the request leaves a note in memory, a task
//! writes what was noted. A note that is lost, since too many wait, is counted.
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base::{audit::Entry, clock::Clock, ids::CustomerId, seen::Seen};
use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use crate::{
    Call, Db, Error, audit,
    service::{Task, task},
};

/// What was done, as entries name it.
pub const ACTION: &str = "pii.read";
/// How many notes wait at most.
const QUEUE: usize = 10_000;
/// How many are written in one transaction.
const BATCH: usize = 500;
/// How often they are written at most.
const GATHER: Duration = Duration::from_millis(250);

/// Takes notes of who reads whose personal data. Clones share what they know.
#[derive(Clone)]
pub struct Reads {
    db: Db,
    clock: Clock,
    seen: Arc<Mutex<Seen>>,
    queue: Sender<Note>,
}

/// Who read, whose data and when.
type Note = (Call, Vec<CustomerId>, DateTime<Utc>);

impl Reads {
    /// Whoever takes the notes of a service, and the task that writes them.
    #[must_use]
    pub fn new(db: &Db, clock: &Clock) -> (Self, Task) {
        metrics::counter!("audit_reads_lost_total", "service" => db.service()).increment(0);
        let (queue, notes) = mpsc::channel(QUEUE);
        let reads = Self { db: db.clone(), clock: clock.clone(), seen: Arc::default(), queue };
        let (writer, notes) = (db.clone(), Arc::new(tokio::sync::Mutex::new(notes)));
        (reads, task(move |stop| write(writer.clone(), Arc::clone(&notes), stop)))
    }

    /// Notes that the answer to `call` shows `customers` in the clear: when staff, a key, or somebody in a customer's name
    /// reads it, and each once a minute. Others see their own data, or are services.
    pub fn note(&self, call: &Call, customers: impl IntoIterator<Item = CustomerId>) {
        let Ok(actor) = call.actor() else { return };
        if !(actor.act.is_some() || (actor.is_staff() && actor.sees_pii())) {
            return;
        }
        let (now, act) = (self.clock.now(), actor.act.as_ref().map(|act| act.sub.as_str()).unwrap_or_default());
        let reader = format!("{} {act}", actor.label());
        let fresh = self.seen.lock().unwrap_or_else(PoisonError::into_inner).note(&reader, customers, now);
        if !fresh.is_empty() && self.queue.try_send((call.clone(), fresh, now)).is_err() {
            metrics::counter!("audit_reads_lost_total", "service" => self.db.service()).increment(1);
            tracing::error!(service = self.db.service(), "a reading of personal data could not be recorded");
        }
    }
}

/// Writes notes until `stop`, and then those that are left.
async fn write(db: Db, notes: Arc<tokio::sync::Mutex<Receiver<Note>>>, stop: CancellationToken) {
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
