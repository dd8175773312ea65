//! All SQL of suppressions.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    ids::{CustomerId, RealmId, StoreId, SuppressionId},
    page::Page,
};
use sqlx::{PgConnection, PgExecutor, QueryBuilder};

use super::Suppression;
use crate::message::Channel;

/// Which suppressions a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Customer base.
    pub realm: RealmId,
    /// Only what came back to this store.
    pub store: Option<StoreId>,
    /// Only of this customer.
    pub customer: Option<CustomerId>,
}

/// Adds one, unless the address has one already.
pub async fn insert(db: &mut PgConnection, new: &Suppression) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into suppressions (realm_id, id, channel, recipient, customer_id, store_id, cause, message_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(new.realm_id)
    .bind(new.id)
    .bind(new.channel)
    .bind(&new.recipient)
    .bind(new.customer_id)
    .bind(new.store_id)
    .bind(&new.cause)
    .bind(new.message_id)
    .bind(new.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Whether marketing does not go there.
pub async fn is_suppressed(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (channel, to): (Channel, &str),
) -> Result<bool, sqlx::Error> {
    let known = "select exists (select from suppressions where realm_id = $1 and channel = $2 and recipient = $3)";
    sqlx::query_scalar(known).bind(realm).bind(channel).bind(to.to_lowercase()).fetch_one(db).await
}

/// A page of them, in reading direction: newest first, or what is newer than a row for a backward page.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    page: &Page,
    from: Option<(DateTime<Utc>, SuppressionId)>,
) -> Result<Vec<Suppression>, sqlx::Error> {
    let mut query = QueryBuilder::new("select s.* from suppressions s where s.realm_id = ");
    query.push_bind(filter.realm);
    if let Some(store) = filter.store {
        query.push(" and s.store_id = ").push_bind(store);
    }
    if let Some(customer) = filter.customer {
        query.push(" and s.customer_id = ");
        push_kept(&mut query, filter.realm, customer);
    }
    let (side, order) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some((at, id)) = from {
        query.push(format!(" and (s.created_at, s.id) {side} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(format!(" order by s.created_at {order}, s.id {order} limit ")).push_bind(page.fetch());
    query.build_query_as().fetch_all(db).await
}

/// Takes one away and answers what it was; with `store` only when it is that store's.
pub async fn remove(
    db: &mut PgConnection,
    (realm, store): (RealmId, Option<StoreId>),
    id: SuppressionId,
) -> Result<Option<Suppression>, sqlx::Error> {
    let remove =
        "delete from suppressions where realm_id = $1 and id = $2 and ($3::uuid is null or store_id = $3) returning *";
    sqlx::query_as(remove).bind(realm).bind(id).bind(store).fetch_optional(db).await
}
