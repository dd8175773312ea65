//! Moves the reviews and purchases of a customer who was merged into another (CU-13). Of two reviews of the same thing the
//! newer one stays: an author has one of each (RE-1).
use chrono::{DateTime, Utc};
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::timestamp,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
    outbox,
};
use proto::reviews::v1::ReviewDeleted;

use crate::subject::{Subject, SubjectKind};

/// A review that gives way to a newer one.
#[derive(sqlx::FromRow)]
struct Outdated {
    id: ReviewId,
    author_id: CustomerId,
    store_id: StoreId,
    subject_kind: SubjectKind,
    subject_id: uuid::Uuid,
}

/// Has reviews follow `merge`, heard of at `now`. Repeatable.
pub async fn follow_merge(tx: &mut Tx, merge: &Merge, now: DateTime<Utc>) -> Result<(), Error> {
    let kept = merge.follow(tx).await?;
    let both = (merge.realm, merge.gone, kept);
    for outdated in drop_outdated(tx, both).await? {
        let deleted = ReviewDeleted {
            realm: merge.realm.into(),
            review: outdated.id.into(),
            author: outdated.author_id.into(),
            subject: Subject::new(outdated.subject_kind, outdated.subject_id).to_string(),
            at: Some(timestamp(now)),
            store: outdated.store_id.into(),
        };
        outbox::publish(tx, &deleted);
    }
    let (reviews, purchases) = move_rest(tx, both).await?;
    merge.done(tx, crate::NAME, &[("reviews", reviews), ("purchases", purchases)], now);
    Ok(())
}

/// Deletes the older of each two reviews of the same thing.
async fn drop_outdated(
    tx: &mut Tx,
    (realm, gone, kept): (RealmId, CustomerId, CustomerId),
) -> Result<Vec<Outdated>, Error> {
    let outdated = sqlx::query_as(
        "delete from reviews r using reviews newer
         where r.realm_id = $1 and newer.realm_id = $1 and r.subject_kind = newer.subject_kind
           and r.subject_id = newer.subject_id and (newer.updated_at, newer.id) > (r.updated_at, r.id)
           and (r.author_id = $2 and newer.author_id = $3 or r.author_id = $3 and newer.author_id = $2)
         returning r.id, r.author_id, r.store_id, r.subject_kind, r.subject_id",
    );
    Ok(outdated.bind(realm).bind(gone).bind(kept).fetch_all(&mut **tx).await?)
}

/// Moves what is left; answers how many reviews and purchases.
async fn move_rest(tx: &mut Tx, (realm, gone, kept): (RealmId, CustomerId, CustomerId)) -> Result<(u64, u64), Error> {
    let reviews = sqlx::query("update reviews set author_id = $3 where realm_id = $1 and author_id = $2");
    let reviews = reviews.bind(realm).bind(gone).bind(kept).execute(&mut **tx).await?;
    let known = "insert into purchases (realm_id, customer_id, subject_kind, subject_id)
                 select realm_id, $3, subject_kind, subject_id from purchases where realm_id = $1 and customer_id = $2
                 on conflict on constraint purchases_pkey do nothing";
    sqlx::query(known).bind(realm).bind(gone).bind(kept).execute(&mut **tx).await?;
    let purchases = sqlx::query("delete from purchases where realm_id = $1 and customer_id = $2");
    let purchases = purchases.bind(realm).bind(gone).execute(&mut **tx).await?;
    Ok((reviews.rows_affected(), purchases.rows_affected()))
}
