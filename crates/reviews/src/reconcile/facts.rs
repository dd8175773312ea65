//! Reviews, told as the events that once told of them.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
    reconcile::{self, Claims, Place},
};
use proto::{
    base::v1::{ListFactsRequest, ListFactsResponse},
    reviews::v1::ReviewSubmitted,
};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    error::Error,
    review::Rating,
    subject::{Subject, SubjectKind},
};

#[derive(sqlx::FromRow)]
struct Row {
    realm_id: RealmId,
    id: ReviewId,
    store_id: StoreId,
    author_id: CustomerId,
    subject_kind: SubjectKind,
    subject_id: Uuid,
    rating: Rating,
    created_at: DateTime<Utc>,
}

impl Row {
    fn event(&self) -> ReviewSubmitted {
        ReviewSubmitted {
            realm: self.realm_id.into(),
            store: self.store_id.into(),
            review: self.id.into(),
            author: self.author_id.into(),
            subject: Subject::new(self.subject_kind, self.subject_id).to_string(),
            rating: self.rating.stars(),
            at: Some(timestamp(self.created_at)),
        }
    }
}

/// A page of the reviews that there are.
pub async fn page(db: impl PgExecutor<'_>, request: &ListFactsRequest) -> Result<ListFactsResponse, Error> {
    let (after, limit): (Place, _) = (request.after.parse()?, reconcile::limit(request.limit)?);
    let rows: Vec<Row> = sqlx::query_as(
        "select realm_id, id, store_id, author_id, subject_kind, subject_id, rating, created_at from reviews
         where (realm_id, id) > ($1, $2) and created_at <= $3 order by realm_id, id limit $4",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(reconcile::until(request.until.as_ref())?)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let last = rows.last().map(|row| Place { realm_id: row.realm_id.uuid(), id: row.id.uuid() });
    let next = reconcile::next(rows.len(), limit, last);
    Ok(ListFactsResponse { facts: rows.iter().map(|row| reconcile::fact(&row.event())).collect(), next })
}

/// Which claims name a review that there is not, counted from 0.
pub async fn unfounded(db: impl PgExecutor<'_>, claims: &Claims) -> Result<Vec<u32>, Error> {
    let places: Vec<i64> = sqlx::query_scalar(
        "select c.place from unnest($1::uuid[], $2::uuid[]) with ordinality as c (realm_id, id, place)
         where not exists (select from reviews r where r.realm_id = c.realm_id and r.id = c.id)",
    )
    .bind(&claims.realms)
    .bind(&claims.ids)
    .fetch_all(db)
    .await?;
    Ok(places.into_iter().filter_map(|place| u32::try_from(place - 1).ok()).collect())
}
