//! Begins to make many libraries anew, behind the request (OR-8).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    clock::{Clock, timestamp},
    ids::{CustomerId, RealmId, RebuildId, StoreId},
    pool::Pool,
};
use proto::orders::v1 as pb;

use crate::error::Error;

/// Libraries that are made anew.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Rebuild {
    /// Customer base.
    #[sqlx(rename = "realm_id")]
    pub realm: RealmId,
    /// Id of the job.
    pub id: RebuildId,
    /// Only what this store sold.
    #[sqlx(rename = "store_id")]
    pub store: Option<StoreId>,
    state: String,
    done: i64,
    /// How many customers; 0 while nobody has counted.
    pub total: i64,
    changed: i64,
    /// The last customer who was seen to.
    #[sqlx(rename = "last_id")]
    pub last: Option<CustomerId>,
    created_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl Rebuild {
    /// As the API shows it.
    #[must_use]
    pub fn encode(self) -> pb::Rebuild {
        pb::Rebuild {
            id: self.id.into(),
            state: self.state,
            done: self.done,
            total: self.total,
            changed: self.changed,
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            ended_at: self.ended_at.map(timestamp),
        }
    }
}

/// Begins one for whoever sent `call`: of the customer base, or of what their store sold.
pub async fn begin_rebuild(tx: &mut Tx, call: &Call, clock: &Clock) -> Result<Rebuild, Error> {
    let actor = call.actor()?;
    let (realm, now) = (actor.realm()?, clock.now());
    let store = actor.store.filter(|store| store.uuid() != realm.uuid());
    let begun: Rebuild = sqlx::query_as(
        "insert into library_rebuilds (realm_id, id, store_id, state, done, total, changed, created_by, lease_until,
           created_at, updated_at)
         values ($1, $2, $3, 'queued', 0, 0, 0, $4, coalesce($5, statement_timestamp()), $6, $6) returning *",
    )
    .bind(realm)
    .bind(RebuildId::new(now))
    .bind(store)
    .bind(&actor.subject)
    .bind(clock.shared())
    .bind(now)
    .fetch_one(&mut **tx)
    .await?;
    let entry = Entry::new("library.rebuild_begun", ("job", begun.id), now);
    audit::record(tx, call, entry.created(json!({ "store": store.map(String::from) })))?;
    Ok(begun)
}

/// One that `store`, or everybody in the customer base without one, may look at.
pub async fn find(
    pool: &Pool,
    (realm, store): (RealmId, Option<StoreId>),
    id: RebuildId,
) -> Result<Option<Rebuild>, Error> {
    let found = sqlx::query_as(
        "select * from library_rebuilds where realm_id = $1 and id = $2
           and ($3::uuid is null or $3 = realm_id or store_id = $3)",
    );
    Ok(found.bind(realm).bind(id).bind(store).fetch_optional(pool).await?)
}
