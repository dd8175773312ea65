//! Closes what was solved days ago (ST-1).
use std::time::Duration;

use kit::{
    Db,
    audit::{self, Entry, json},
    clock::Clock,
};
use tokio_util::sync::CancellationToken;

use super::{
    Status, events, store,
    ticket::{Change, Timing},
};
use crate::Error;

/// How often it is looked.
const PAUSE: Duration = Duration::from_secs(10);

/// Looks every now and then until `stop`.
pub async fn run(db: Db, clock: Clock, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = close_due(&db, &clock).await {
            tracing::warn!(error.detail = ?error, "solved tickets could not be closed");
        }
    }
}

/// Closes every solved ticket whose days are over; answers how many. Several processes share the work.
pub async fn close_due(db: &Db, clock: &Clock) -> Result<usize, Error> {
    let timing = Timing { now: clock.now(), keep: chrono::TimeDelta::zero() };
    let mut closed = 0;
    loop {
        let mut tx = db.begin_own().await?;
        let due = store::due(&mut tx, clock).await?;
        if due.is_empty() {
            return Ok(closed);
        }
        closed += due.len();
        for mut ticket in due {
            ticket.change(Change { status: Some(Status::Closed), ..Change::default() }, timing)?;
            store::save(&mut tx, &ticket).await?;
            events::changed(&mut tx, &ticket, Status::Solved, "time");
            let entry = Entry::new("ticket.closed", ("ticket", ticket.id), timing.now);
            let (solved, over) = (Status::Solved.slug(), Status::Closed.slug());
            let entry = entry.within(ticket.realm, Some(ticket.store)).about(ticket.customer);
            audit::record_own(&mut tx, entry.changed(json!({ "status": solved }), json!({ "status": over })));
        }
        tx.commit().await?;
    }
}
