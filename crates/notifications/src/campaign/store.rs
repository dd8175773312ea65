//! All SQL of campaigns. Leases run by the clock that all processes share.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::Clock,
    ids::{CampaignId, RealmId, StoreId},
    page::Page,
};
use sqlx::{PgConnection, PgExecutor, QueryBuilder};

use super::{Campaign, State, campaign::Tally};

/// Where a caller works: in all stores of a customer base, or in one of them.
pub type Place = (RealmId, Option<StoreId>);

/// Adds a campaign, which is due when it is to be sent.
pub async fn insert(db: &mut PgConnection, new: &Campaign, due: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into campaigns (realm_id, id, store_id, name, channel, purpose, subject, text, segment_id, filter, state,
           found, send_at, due_at, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, statement_timestamp()), $15, $16)",
    )
    .bind(new.realm)
    .bind(new.id)
    .bind(new.store)
    .bind(&new.name)
    .bind(new.channel)
    .bind(new.purpose)
    .bind(&new.subject)
    .bind(&new.text)
    .bind(new.segment)
    .bind(&new.filter)
    .bind(new.state)
    .bind(new.found)
    .bind(new.send_at)
    .bind(due)
    .bind(&new.created_by)
    .bind(new.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Has those who begin campaigns of `realm` come one after the other, and answers how many are under way.
pub async fn under_way(db: &mut PgConnection, realm: RealmId) -> Result<i64, sqlx::Error> {
    let lock = "select pg_advisory_xact_lock(hashtextextended('campaigns ' || $1::text, 0))";
    sqlx::query(lock).bind(realm.uuid()).execute(&mut *db).await?;
    let count = "select count(*) from campaigns where realm_id = $1 and due_at is not null";
    sqlx::query_scalar(count).bind(realm).fetch_one(db).await
}

/// One of them.
pub async fn find(
    db: impl PgExecutor<'_>,
    (realm, store): Place,
    id: CampaignId,
) -> Result<Option<Campaign>, sqlx::Error> {
    let find = "select * from campaigns where realm_id = $1 and id = $2 and ($3::uuid is null or store_id = $3)";
    sqlx::query_as(find).bind(realm).bind(id).bind(store).fetch_optional(db).await
}

/// The same, held until the transaction ends.
pub async fn lock(
    db: &mut PgConnection,
    (realm, store): Place,
    id: CampaignId,
) -> Result<Option<Campaign>, sqlx::Error> {
    let find = "select * from campaigns where realm_id = $1 and id = $2 and ($3::uuid is null or store_id = $3)
                for no key update";
    sqlx::query_as(find).bind(realm).bind(id).bind(store).fetch_optional(db).await
}

/// A page of them, in reading direction: newest first, or what is newer than a row for a backward page.
pub async fn list(
    db: impl PgExecutor<'_>,
    (realm, store): Place,
    page: &Page,
    from: Option<(DateTime<Utc>, CampaignId)>,
) -> Result<Vec<Campaign>, sqlx::Error> {
    let mut query = QueryBuilder::new("select * from campaigns c where c.realm_id = ");
    query.push_bind(realm);
    if let Some(store) = store {
        query.push(" and c.store_id = ").push_bind(store);
    }
    let (side, order) = if page.is_forward() { ("<", "desc") } else { (">", "asc") };
    if let Some((at, id)) = from {
        query.push(format!(" and (c.created_at, c.id) {side} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(format!(" order by c.created_at {order}, c.id {order} limit ")).push_bind(page.fetch());
    query.build_query_as().fetch_all(db).await
}

/// What became of the messages of `campaigns`: an index knows.
pub async fn tallies(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    campaigns: &[CampaignId],
) -> Result<Vec<Tally>, sqlx::Error> {
    let tallies = "select campaign_id, status, coalesce(failure, '') as failure, count(*) as count from messages
                   where realm_id = $1 and campaign_id = any($2) group by 1, 2, 3";
    let campaigns: Vec<_> = campaigns.iter().map(|id| id.uuid()).collect();
    sqlx::query_as(tallies).bind(realm).bind(campaigns).fetch_all(db).await
}

/// How many messages of `campaign` wait to be sent, counted up to `most`.
pub async fn waiting(db: impl PgExecutor<'_>, campaign: &Campaign, most: i64) -> Result<i64, sqlx::Error> {
    let waiting = "select count(*) from (select from messages
                     where realm_id = $1 and campaign_id = $2 and status = 'queued' limit $3) as counted";
    sqlx::query_scalar(waiting).bind(campaign.realm).bind(campaign.id).bind(most).fetch_one(db).await
}

/// Takes up a campaign that is due; for as long as `lease` nobody else does.
pub async fn claim(db: impl PgExecutor<'_>, clock: &Clock, lease: TimeDelta) -> Result<Option<Campaign>, sqlx::Error> {
    let claim = "update campaigns c set attempts = c.attempts + 1, due_at = coalesce($1, statement_timestamp()) + $2
                 from (select realm_id, id from campaigns where due_at <= coalesce($1, statement_timestamp())
                       order by due_at limit 1 for update skip locked) as due
                 where c.realm_id = due.realm_id and c.id = due.id returning c.*";
    sqlx::query_as(claim).bind(clock.shared()).bind(lease).fetch_optional(db).await
}

/// Saves how far it is; it is due again after `pause`, unless it is over.
pub async fn save(
    db: &mut PgConnection,
    campaign: &Campaign,
    (clock, pause): (&Clock, TimeDelta),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update campaigns set state = $3, failure = $4, looked_at = $5, inactive = $6, no_address = $7, no_consent = $8,
           after_id = $9, is_listed = $10, ended_at = $11, filter = $12, attempts = 0, tally = $16,
           due_at = case when $13 then null else coalesce($14, statement_timestamp()) + $15 end
         where realm_id = $1 and id = $2",
    )
    .bind(campaign.realm)
    .bind(campaign.id)
    .bind(campaign.state)
    .bind(&campaign.failure)
    .bind(campaign.looked_at)
    .bind(campaign.inactive)
    .bind(campaign.no_address)
    .bind(campaign.no_consent)
    .bind(campaign.after)
    .bind(campaign.is_listed)
    .bind(campaign.ended_at)
    .bind(&campaign.filter)
    .bind(campaign.state.is_over())
    .bind(clock.shared())
    .bind(pause)
    .bind(&campaign.tally)
    .execute(db)
    .await?;
    Ok(())
}

/// Whether somebody stopped it, and what it says.
pub async fn said(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    id: CampaignId,
) -> Result<Option<(State, String, String)>, sqlx::Error> {
    let said = "select state, subject, text from campaigns where realm_id = $1 and id = $2";
    sqlx::query_as(said).bind(realm).bind(id).fetch_optional(db).await
}
