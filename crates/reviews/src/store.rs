//! All SQL of the service.
use holdings::merged::push_kept;
use kit::{
    db::on_unique,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
    page::{COUNT_CAP, Page},
};
use sqlx::{PgExecutor, Postgres, QueryBuilder};

use crate::{
    bought::Bought,
    error::Error,
    list::{Place, Sort},
    review::{Rating, Review},
    subject::Subject,
    submit::SubmitReview,
};

const SELECT: &str = "select r.realm_id, r.id, r.store_id, r.subject_kind, r.subject_id, r.author_id, r.author_name,
      r.rating, r.content, r.version, r.created_at, r.updated_at,
      exists (select from purchases p where p.realm_id = r.realm_id and p.customer_id = r.author_id
        and p.subject_kind = r.subject_kind and p.subject_id = r.subject_id) as verified from ";

/// Adds a review; the second of the same author and subject is refused (RE-1).
pub async fn insert(db: impl PgExecutor<'_>, id: ReviewId, input: &SubmitReview) -> Result<(), Error> {
    sqlx::query(
        "insert into reviews (realm_id, id, store_id, subject_kind, subject_id, subject_store_id, author_id,
           author_name, rating, content, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
    )
    .bind(input.realm)
    .bind(id)
    .bind(input.store)
    .bind(input.subject.kind())
    .bind(input.subject.uuid())
    .bind(input.subject_store)
    .bind(input.author)
    .bind(&input.author_name)
    .bind(input.rating)
    .bind(&input.content)
    .bind(input.now)
    .execute(db)
    .await
    .map_err(on_unique("reviews_one_per_author", || Error::AlreadyReviewed))?;
    Ok(())
}

/// One review; with `store` only when that store's staff moderate it.
pub async fn find(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    store: Option<StoreId>,
    id: ReviewId,
) -> Result<Option<Review>, sqlx::Error> {
    one(realm, store, id).build_query_as().fetch_optional(db).await
}

/// The same, locked until the transaction ends.
pub async fn lock(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    store: Option<StoreId>,
    id: ReviewId,
) -> Result<Option<Review>, sqlx::Error> {
    let mut query = one(realm, store, id);
    query.push(" for update of r");
    query.build_query_as().fetch_optional(db).await
}

fn one(realm: RealmId, store: Option<StoreId>, id: ReviewId) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(SELECT);
    query.push("reviews r where r.realm_id = ").push_bind(realm).push(" and r.id = ").push_bind(id);
    if let Some(store) = store {
        query.push(" and r.subject_store_id = ").push_bind(store);
    }
    query
}

/// Which reviews a list shows.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Customer base.
    pub realm: RealmId,
    /// Only what this store's staff moderate.
    pub store: Option<StoreId>,
    /// Only of this subject.
    pub subject: Option<Subject>,
    /// Only by this author.
    pub author: Option<CustomerId>,
}

/// Rows `offset` to `offset + limit` of a list.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: Filter,
    sort: Sort,
    (limit, offset): (i64, i64),
) -> Result<Vec<Review>, sqlx::Error> {
    let order = order(sort, true);
    // Purchases are looked up for the rows that are shown, not for those that are skipped.
    let mut query = QueryBuilder::new(SELECT);
    query.push("(select * from reviews r");
    push_filter(&mut query, filter);
    query.push(order).push(" limit ").push_bind(limit).push(" offset ").push_bind(offset).push(") r").push(order);
    query.build_query_as().fetch_all(db).await
}

/// The rows of a page in reading direction, one more than it shows.
pub async fn page(db: impl PgExecutor<'_>, filter: Filter, sort: Sort, page: &Page) -> Result<Vec<Review>, Error> {
    let order = order(sort, page.is_forward());
    let mut query = QueryBuilder::new(SELECT);
    query.push("(select * from reviews r");
    push_filter(&mut query, filter);
    if let Some(place) = Place::of(page)? {
        push_beyond(&mut query, sort, page.is_forward(), place);
    }
    query.push(order).push(" limit ").push_bind(page.fetch()).push(") r").push(order);
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// How many reviews a list has, counted up to one more than the cap.
pub async fn count_listed(db: impl PgExecutor<'_>, filter: Filter) -> Result<i64, sqlx::Error> {
    let mut query = QueryBuilder::new("select count(*) from (select 1 from reviews r");
    push_filter(&mut query, filter);
    query.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
    query.build_query_scalar().fetch_one(db).await
}

/// Its order, or the opposite to read it backward.
fn order(sort: Sort, forward: bool) -> &'static str {
    match (sort, forward) {
        (Sort::Newest, true) | (Sort::Oldest, false) => " order by r.created_at desc, r.id desc",
        (Sort::Oldest, true) | (Sort::Newest, false) => " order by r.created_at, r.id",
        (Sort::Highest, true) => " order by r.rating desc, r.created_at desc, r.id desc",
        (Sort::Highest, false) => " order by r.rating, r.created_at, r.id",
        (Sort::Lowest, true) => " order by r.rating, r.created_at desc, r.id desc",
        (Sort::Lowest, false) => " order by r.rating desc, r.created_at, r.id",
    }
}

/// Only rows that follow `place` in reading direction.
fn push_beyond(query: &mut QueryBuilder<Postgres>, sort: Sort, forward: bool, place: Place) {
    let (older, newer) = if forward { ("<", ">") } else { (">", "<") };
    let Place { rating, created_at, id } = place;
    match sort {
        Sort::Newest => query.push(format_args!(" and (r.created_at, r.id) {older} (")),
        Sort::Oldest => query.push(format_args!(" and (r.created_at, r.id) {newer} (")),
        Sort::Highest => {
            query.push(format_args!(" and (r.rating, r.created_at, r.id) {older} (")).push_bind(rating).push(", ")
        }
        Sort::Lowest => {
            // The rating runs against the rest; its own bound is what the index is entered by.
            query.push(format_args!(" and r.rating {newer}= ")).push_bind(rating);
            query.push(format_args!(" and (r.rating {newer} ")).push_bind(rating);
            query.push(format_args!(" or (r.created_at, r.id) {older} ("))
        }
    };
    query.push_bind(created_at).push(", ").push_bind(id);
    query.push(if sort == Sort::Lowest { "))" } else { ")" });
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: Filter) {
    query.push(" where r.realm_id = ").push_bind(filter.realm);
    if let Some(store) = filter.store {
        query.push(" and r.subject_store_id = ").push_bind(store);
    }
    if let Some(subject) = filter.subject {
        query.push(" and r.subject_kind = ").push_bind(subject.kind());
        query.push(" and r.subject_id = ").push_bind(subject.uuid());
    }
    if let Some(author) = filter.author {
        query.push(" and r.author_id = ");
        push_kept(query, filter.realm, author);
    }
}

/// How many reviews of `subject` gave which rating.
pub async fn count(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    subject: Subject,
) -> Result<Vec<(Rating, i64)>, sqlx::Error> {
    sqlx::query_as(
        "select rating, count(*) from reviews where realm_id = $1 and subject_kind = $2 and subject_id = $3
         group by rating",
    )
    .bind(realm)
    .bind(subject.kind())
    .bind(subject.uuid())
    .fetch_all(db)
    .await
}

/// Deletes a review.
pub async fn delete(db: impl PgExecutor<'_>, review: &Review) -> Result<(), sqlx::Error> {
    sqlx::query("delete from reviews where realm_id = $1 and id = $2")
        .bind(review.realm_id)
        .bind(review.id)
        .execute(db)
        .await?;
    Ok(())
}

/// Remembers who bought what.
pub async fn remember(db: impl PgExecutor<'_>, bought: &[Bought]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into purchases (realm_id, customer_id, subject_kind, subject_id)
         select distinct * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) as bought (realm, customer, kind, id)
         order by realm, customer, kind, id
         on conflict on constraint purchases_pkey do nothing",
    )
    .bind(bought.iter().map(|bought| bought.realm.uuid()).collect::<Vec<_>>())
    .bind(bought.iter().map(|bought| bought.customer.uuid()).collect::<Vec<_>>())
    .bind(bought.iter().map(|bought| bought.subject.kind().slug()).collect::<Vec<_>>())
    .bind(bought.iter().map(|bought| bought.subject.uuid()).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}
