//! Records of customers that became others (CU-13): every service moves what is theirs, and follows the old id for ever.
use chrono::{DateTime, Utc};
use kit::{
    Error, Tx, clock,
    ids::{CustomerId, JobId, RealmId},
    inbox::Event,
    outbox,
};
use proto::{base::v1::StepDone, customers::v1::CustomersMerged};
use sqlx::{Postgres, QueryBuilder};

/// Two records that became one.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Customer base.
    pub realm: RealmId,
    /// The job that the steps of services belong to.
    pub job: JobId,
    /// The record that stays.
    pub kept: CustomerId,
    /// The record that is gone.
    pub gone: CustomerId,
    /// When.
    pub at: DateTime<Utc>,
}

impl Merge {
    /// The merge that `event` tells of; `None` when it is another kind.
    pub fn read(event: &Event) -> Result<Option<Self>, Error> {
        event.read::<CustomersMerged>()?.map(|told| Self::told(&told)).transpose()
    }

    /// What the event says.
    pub fn told(told: &CustomersMerged) -> Result<Self, Error> {
        let malformed = |e| Error::Internal(format!("a merge cannot be read: {e}"));
        let at = told.at.as_ref().and_then(clock::datetime);
        Ok(Self {
            realm: told.realm.parse().map_err(malformed)?,
            job: told.job.parse().map_err(malformed)?,
            kept: told.kept.parse().map_err(malformed)?,
            gone: told.gone.parse().map_err(malformed)?,
            at: at.ok_or_else(|| Error::Internal("a merge without a time".to_owned()))?,
        })
    }

    /// Has everything of this service follow the merge from now on; answers the record that rows are to be moved to,
    /// which is another one than was kept when that has been merged since. Waits for those who write under the old id.
    pub async fn follow(&self, tx: &mut Tx) -> Result<CustomerId, Error> {
        // Gives up before anybody who waits for this transaction does: a merge is tried again, a shopper is not.
        sqlx::raw_sql("set local lock_timeout = '700ms'").execute(&mut **tx).await?;
        let alone = "select pg_advisory_xact_lock(hashtext('merge ' || current_schema()), hashtext($1::text) % 1024)";
        sqlx::query(alone).bind(self.gone.uuid()).execute(&mut **tx).await?;
        let kept: CustomerId = sqlx::query_scalar(
            "insert into merged_customers as known (realm_id, gone_id, kept_id, merged_at)
             values ($1, $2, coalesce((select kept_id from merged_customers where realm_id = $1 and gone_id = $3), $3), $4)
             on conflict (realm_id, gone_id) do update set kept_id = excluded.kept_id returning kept_id",
        )
        .bind(self.realm)
        .bind(self.gone)
        .bind(self.kept)
        .bind(self.at)
        .fetch_one(&mut **tx)
        .await?;
        let flat = "update merged_customers set kept_id = $3 where realm_id = $1 and kept_id = $2";
        sqlx::query(flat).bind(self.realm).bind(self.gone).bind(kept).execute(&mut **tx).await?;
        // What is moved to somebody who was erased meanwhile is looked at once more.
        let look = "update erasures set looks = least(looks, 1), next_look_at = '-infinity' where realm_id = $1 and customer_id = $2";
        sqlx::query(look).bind(self.realm).bind(kept).execute(&mut **tx).await?;
        Ok(kept)
    }

    /// Says in `tx` that `service` has done its part, and how many things of each kind it moved.
    pub fn done(&self, tx: &mut Tx, service: &str, counts: &[(&str, u64)], now: DateTime<Utc>) {
        let counts = counts.iter().map(|(kind, count)| ((*kind).to_owned(), i64::try_from(*count).unwrap_or(i64::MAX)));
        let done = StepDone {
            realm: self.realm.into(),
            job: self.job.into(),
            service: service.to_owned(),
            counts: counts.collect(),
            at: Some(clock::timestamp(now)),
        };
        outbox::publish(tx, &done);
    }
}

/// Adds an expression: the customer that `id` stands for.
pub fn push_kept(sql: &mut QueryBuilder<Postgres>, realm: RealmId, id: CustomerId) {
    sql.push("coalesce((select kept_id from merged_customers where realm_id = ").push_bind(realm);
    sql.push(" and gone_id = ").push_bind(id).push("), ").push_bind(id).push(")");
}
