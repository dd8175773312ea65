//! Merges of customers (CU-13), as services hear of them.
use kit::{
    Db,
    clock::timestamp,
    ids::{CustomerId, JobId},
    inbox::{Consumer, Event},
};
use prost::{Message, Name};
use proto::{base::v1::StepDone, customers::v1::CustomersMerged};

use crate::Rig;

/// The event that `gone` was merged into `kept`.
#[must_use]
pub fn merged(rig: &Rig, kept: CustomerId, gone: CustomerId) -> CustomersMerged {
    let now = rig.clock.now();
    CustomersMerged {
        realm: rig.actors.realm.into(),
        job: JobId::new(now).into(),
        kept: kept.into(),
        gone: gone.into(),
        at: Some(timestamp(now)),
        ..CustomersMerged::default()
    }
}

/// Has `consumer` hear of `event`, as if for the first time; again when somebody else had what it needs.
///
/// # Errors
/// When it cannot be applied.
pub async fn hear<E: Message + Name>(db: &Db, consumer: &impl Consumer, event: &E) -> anyhow::Result<()> {
    let heard = Event::new(JobId::new(chrono::DateTime::UNIX_EPOCH).uuid(), event);
    for _ in 0..20 {
        let mut tx = db.begin_own().await?;
        match consumer.apply(&mut tx, &heard).await {
            Ok(()) => return Ok(tx.commit().await?),
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!("the merge gives way for ever")
}

/// What the service has said of its part, the newest first.
///
/// # Errors
/// When the outbox cannot be read.
pub async fn steps(db: &Db) -> anyhow::Result<Vec<StepDone>> {
    let sql = "select payload from outbox where subject like '%.StepDone' order by id desc";
    let steps: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(db.pool()).await?;
    Ok(steps.iter().map(|step| StepDone::decode(step.as_slice())).collect::<Result<_, _>>()?)
}
