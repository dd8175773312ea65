//! Reviews, compared with those that are counted.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, RealmId, ReviewId},
    reconcile::{self, Claims, Place},
};
use proto::{base::v1 as pb, reviews::v1::ReviewSubmitted};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{person::People, totals};
use crate::{Error, consumer};

#[derive(Default)]
struct Facts {
    realms: Vec<Uuid>,
    reviews: Vec<Uuid>,
    authors: Vec<Uuid>,
    stores: Vec<Option<Uuid>>,
}

impl Facts {
    fn of(events: &[ReviewSubmitted]) -> Result<Self, Error> {
        let mut all = Self::default();
        for event in events {
            let review = consumer::submitted(event)?;
            all.realms.push(review.realm.uuid());
            all.reviews.push(review.id.uuid());
            all.authors.push(review.author.uuid());
            all.stores.push(review.store.map(kit::ids::StoreId::uuid));
        }
        Ok(all)
    }

    fn people(&self) -> People {
        self.realms.iter().copied().zip(self.authors.iter().copied()).collect()
    }
}

#[derive(sqlx::FromRow)]
struct Differing {
    place: i64,
    kind: String,
    review_id: ReviewId,
    realm_id: Uuid,
    customer_id: Uuid,
    counted_for: Option<Uuid>,
}

/// Which reviews are not counted, or not as they are. One of an author whom nobody knows stays so.
pub async fn compare(
    tx: &mut Tx,
    events: &[ReviewSubmitted],
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let facts = Facts::of(events)?;
    if repair.is_some() {
        facts.people().lock(tx).await?;
    }
    let found = differing(&mut **tx, &facts).await?;
    if let Some(now) = repair
        && !found.is_empty()
    {
        upsert(&mut **tx, &facts).await?;
        let people = found.iter().flat_map(|one| {
            [Some(one.customer_id), one.counted_for].into_iter().flatten().map(|id| (one.realm_id, id))
        });
        totals::restore(tx, &people.collect(), now).await?;
    }
    let told = |one: Differing| {
        let repaired = repair.is_some() && one.kind != "review_of_unknown_customer";
        reconcile::discrepancy(&one.kind, one.review_id, one.place, repaired)
    };
    Ok(found.into_iter().map(told).collect())
}

async fn differing(db: impl PgExecutor<'_>, facts: &Facts) -> Result<Vec<Differing>, Error> {
    let sql = "select f.place, f.review_id, f.realm_id, f.customer_id, r.customer_id as counted_for,
           case when c.id is null then 'review_of_unknown_customer' when r.review_id is null then 'missing_review'
             else 'wrong_review' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
           as f (realm_id, review_id, customer_id, store_id, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_reviews r on r.realm_id = f.realm_id and r.review_id = f.review_id
         where (r.customer_id, r.store_id, r.deleted) is distinct from (f.customer_id, f.store_id, false)
         order by f.place";
    Ok(sqlx::query_as(sql)
        .bind(&facts.realms)
        .bind(&facts.reviews)
        .bind(&facts.authors)
        .bind(&facts.stores)
        .fetch_all(db)
        .await?)
}

/// Counts every review of a known customer as it is.
async fn upsert(db: impl PgExecutor<'_>, facts: &Facts) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_reviews as r (realm_id, review_id, customer_id, store_id, deleted)
         select f.realm_id, f.review_id, f.customer_id, f.store_id, false
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as f (realm_id, review_id, customer_id, store_id)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, review_id) do update
           set (customer_id, store_id, deleted) = (excluded.customer_id, excluded.store_id, excluded.deleted)
         where (r.customer_id, r.store_id, r.deleted)
           is distinct from (excluded.customer_id, excluded.store_id, excluded.deleted)",
    )
    .bind(&facts.realms)
    .bind(&facts.reviews)
    .bind(&facts.authors)
    .bind(&facts.stores)
    .execute(db)
    .await?;
    Ok(())
}

/// A page of the reviews that are counted.
pub async fn claims(db: impl PgExecutor<'_>, after: Place, limit: i64) -> Result<Vec<(Place, pb::Claim)>, Error> {
    let rows: Vec<(RealmId, ReviewId, CustomerId)> = sqlx::query_as(
        "select realm_id, review_id, customer_id from customer_reviews
         where (realm_id, review_id) > ($1, $2) and not deleted order by realm_id, review_id limit $3",
    )
    .bind(after.realm_id)
    .bind(after.id)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let claim = |(realm, review, customer): (RealmId, ReviewId, CustomerId)| {
        let place = Place { realm_id: realm.uuid(), id: review.uuid() };
        (place, super::grpc::claim(realm, review, customer))
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Reviews that are counted although they are gone.
pub async fn withdraw(
    tx: &mut Tx,
    claims: &Claims,
    repair: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Discrepancy>, Error> {
    let found: Vec<(i64, Uuid, ReviewId, Uuid)> = sqlx::query_as(
        "select f.place, r.realm_id, r.review_id, r.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_reviews r on r.realm_id = f.realm_id and r.review_id = f.id and not r.deleted order by f.place",
    )
    .bind(&claims.realms)
    .bind(&claims.ids)
    .fetch_all(&mut **tx)
    .await?;
    if let Some(now) = repair {
        let people: People = found.iter().map(|(_, realm, _, customer)| (*realm, *customer)).collect();
        people.lock(tx).await?;
        sqlx::query(
            "update customer_reviews r set deleted = true from unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where r.realm_id = f.realm_id and r.review_id = f.id",
        )
        .bind(&claims.realms)
        .bind(&claims.ids)
        .execute(&mut **tx)
        .await?;
        totals::restore(tx, &people, now).await?;
    }
    let stray = |(place, _, review, _)| reconcile::discrepancy("stray_review", review, place, repair.is_some());
    Ok(found.into_iter().map(stray).collect())
}
