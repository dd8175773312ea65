//! Moves the messages of a customer who was merged into another, and has that one told when staff ask for it (CU-13).
use chrono::{DateTime, Utc};
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::Clock,
    ids::{CustomerId, MessageId, StoreId},
};

use crate::{
    message::{Channel, Purpose, Queued},
    store,
    template::Template,
};

/// Has messages follow `merge`, and queues one about it in the name of the store that is given. Repeatable.
pub async fn follow_merge(tx: &mut Tx, merge: &Merge, from: Option<StoreId>, clock: &Clock) -> Result<(), Error> {
    let kept = merge.follow(tx).await?;
    let moved = sqlx::query("update messages set customer_id = $3 where realm_id = $1 and customer_id = $2");
    let moved = moved.bind(merge.realm).bind(merge.gone).bind(kept).execute(&mut **tx).await?;
    let known = sqlx::query("update suppressions set customer_id = $3 where realm_id = $1 and customer_id = $2");
    known.bind(merge.realm).bind(merge.gone).bind(kept).execute(&mut **tx).await?;
    let now = clock.now();
    if let Some(from) = from {
        store::queue(tx, &letter(merge, (kept, from), now, clock.shared())).await?;
    }
    merge.done(tx, crate::NAME, &[("messages", moved.rows_affected())], now);
    Ok(())
}

/// Whom it goes to is looked up when it is sent.
fn letter(
    merge: &Merge,
    (kept, from): (CustomerId, StoreId),
    now: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
) -> Queued {
    Queued {
        realm: merge.realm,
        id: MessageId::new(now),
        store: from,
        customer: Some(kept),
        channel: Channel::Email,
        template: Template::RecordsMerged,
        purpose: Purpose::Service,
        campaign: None,
        reference: Some(merge.job.into()),
        recipient: None,
        data: std::collections::BTreeMap::new(),
        secrets: None,
        now,
        due,
    }
}
