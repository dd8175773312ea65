//! Moves the carts of a customer who was merged into another (CU-13).
use chrono::{DateTime, Utc};
use holdings::merged::Merge;
use kit::Tx;

use crate::{Error, wish};

/// Has carts follow `merge`, heard of at `now`. Repeatable.
pub async fn follow_merge(tx: &mut Tx, merge: &Merge, now: DateTime<Utc>) -> Result<(), Error> {
    let kept = merge.follow(tx).await?;
    let moved = sqlx::query("update carts set customer_id = $3 where realm_id = $1 and customer_id = $2");
    let moved = moved.bind(merge.realm).bind(merge.gone).bind(kept).execute(&mut **tx).await?;
    let links = sqlx::query("update checkout_links set customer_id = $3 where realm_id = $1 and customer_id = $2");
    links.bind(merge.realm).bind(merge.gone).bind(kept).execute(&mut **tx).await?;
    let wishes = wish::store::follow(tx, merge.realm, (merge.gone, kept)).await?;
    merge.done(tx, crate::NAME, &[("carts", moved.rows_affected()), ("wishes", wishes)], now);
    Ok(())
}
