//! Reviews, compared with those that are counted.
use kit::ids::{ReviewId, StoreId};
use proto::reviews::v1::ReviewSubmitted;
use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments};
use uuid::Uuid;

use super::counted::Counted;
use crate::{Error, consumer};

/// A page of facts by column.
#[derive(Default)]
pub struct Reviews {
    realms: Vec<Uuid>,
    ids: Vec<Uuid>,
    authors: Vec<Uuid>,
    stores: Vec<Option<Uuid>>,
}

impl Counted for Reviews {
    type Event = ReviewSubmitted;

    const UNKNOWN: &'static str = "review_of_unknown_customer";
    const STRAY: &'static str = "stray_review";
    const DIFFERING: &'static str =
        "select f.place, f.review_id as id, f.realm_id, f.customer_id, r.customer_id as counted_for,
           case when c.id is null then 'review_of_unknown_customer' when r.review_id is null then 'missing_review'
             else 'wrong_review' end as kind
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
           as f (realm_id, review_id, customer_id, store_id, place)
         left join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         left join customer_reviews r on r.realm_id = f.realm_id and r.review_id = f.review_id
         where (r.customer_id, r.store_id, r.deleted) is distinct from (f.customer_id, f.store_id, false)
           and not exists (select from erased_customers e where e.realm_id = f.realm_id and e.id = f.customer_id)
         order by f.place";
    const UPSERT: &'static str =
        "insert into customer_reviews as r (realm_id, review_id, customer_id, store_id, deleted)
         select f.realm_id, f.review_id, f.customer_id, f.store_id, false
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as f (realm_id, review_id, customer_id, store_id)
         join customers c on c.realm_id = f.realm_id and c.id = f.customer_id
         on conflict (realm_id, review_id) do update
           set (customer_id, store_id, deleted) = (excluded.customer_id, excluded.store_id, excluded.deleted)
         where (r.customer_id, r.store_id, r.deleted)
           is distinct from (excluded.customer_id, excluded.store_id, excluded.deleted)";
    const PAGE: &'static str = "select realm_id, review_id, customer_id from customer_reviews
         where (realm_id, review_id) > ($1, $2) and not deleted order by realm_id, review_id limit $3";
    const FOUND: &'static str = "select f.place, r.realm_id, r.review_id, r.customer_id
         from unnest($1::uuid[], $2::uuid[]) with ordinality as f (realm_id, id, place)
         join customer_reviews r on r.realm_id = f.realm_id and r.review_id = f.id and not r.deleted order by f.place";
    const DROP: &'static str =
        "update customer_reviews r set deleted = true from unnest($1::uuid[], $2::uuid[]) as f (realm_id, id)
             where r.realm_id = f.realm_id and r.review_id = f.id";

    fn push(&mut self, event: ReviewSubmitted) -> Result<(), Error> {
        let review = consumer::submitted(&event)?;
        self.realms.push(review.realm.uuid());
        self.ids.push(review.id.uuid());
        self.authors.push(review.author.uuid());
        self.stores.push(review.store.map(StoreId::uuid));
        Ok(())
    }

    fn people(&self) -> (&[Uuid], &[Uuid]) {
        (&self.realms, &self.authors)
    }

    fn arguments(&self) -> Result<PgArguments, BoxDynError> {
        let mut arguments = PgArguments::default();
        arguments.add(&self.realms)?;
        arguments.add(&self.ids)?;
        arguments.add(&self.authors)?;
        arguments.add(&self.stores)?;
        Ok(arguments)
    }

    fn id(id: Uuid) -> String {
        ReviewId::from_uuid(id).into()
    }
}
