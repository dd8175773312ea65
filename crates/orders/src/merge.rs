//! Moves the orders of a customer who was merged into another (CU-13). Their transactions stay as they are (OR-10).
use chrono::{DateTime, Utc};
use holdings::merged::Merge;
use kit::{Error, Tx};

/// What moves. Drafts and placed orders have an index each; drafts come first, since one that is placed meanwhile is found
/// among the others then.
const MOVES: [(&str, &str); 9] = [
    ("drafts", "update orders set customer_id = $3 where realm_id = $1 and customer_id = $2 and placed_at is null"),
    ("orders", "update orders set customer_id = $3 where realm_id = $1 and customer_id = $2 and placed_at is not null"),
    ("voucher uses", "update voucher_uses set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("library entries", "update library_entries set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("gifts", "update gifts set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("downloads", "update downloads set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("download uses", "update download_uses set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("subscriptions", "update subscriptions set customer_id = $3 where realm_id = $1 and customer_id = $2"),
    ("checkouts", "update checkouts set customer_id = $3 where realm_id = $1 and customer_id = $2"),
];

/// Has orders and checkouts follow `merge`, heard of at `now`. Repeatable.
pub async fn follow_merge(tx: &mut Tx, merge: &Merge, now: DateTime<Utc>) -> Result<(), Error> {
    let kept = merge.follow(tx).await?;
    let mut counts = Vec::new();
    for (kind, sql) in MOVES {
        let moved = sqlx::query(sql).bind(merge.realm).bind(merge.gone).bind(kept).execute(&mut **tx).await?;
        counts.push((kind, moved.rows_affected()));
    }
    merge.done(tx, crate::NAME, &counts, now);
    Ok(())
}
