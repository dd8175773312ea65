//! All SQL of photos. That one goes with its place on the record, the database sees to.
use kit::ids::{CustomerId, PhotoId, RealmId};
use sqlx::{PgConnection, PgExecutor};

use super::Photo;
use crate::Error;

/// Adds a photo, which the record is about to show.
pub async fn insert(db: &mut PgConnection, photo: &Photo) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_photos (realm_id, id, customer_id, media_type, size, sealed_for, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(photo.realm)
    .bind(photo.id)
    .bind(photo.customer)
    .bind(&photo.media_type)
    .bind(photo.size)
    .bind(photo.sealed_for)
    .bind(photo.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// A photo of any customer base: its link names none.
pub async fn find(db: impl PgExecutor<'_>, id: PhotoId) -> Result<Option<Photo>, Error> {
    Ok(sqlx::query_as("select * from customer_photos where id = $1").bind(id).fetch_optional(db).await?)
}

/// Moves the photo that `address` shows from `gone` to `kept`, whose address that is from now on; any other one of `gone`
/// goes with that record.
pub async fn follow(
    db: &mut PgConnection,
    (realm, address): (RealmId, &str),
    [gone, kept]: [CustomerId; 2],
) -> Result<(), Error> {
    let follow = "update customer_photos set customer_id = $3
                  where realm_id = $1 and customer_id = $2 and position(replace(id::text, '-', '') in $4) > 0";
    sqlx::query(follow).bind(realm).bind(gone).bind(kept).bind(address).execute(db).await?;
    Ok(())
}
