//! Makes libraries anew, one customer after the other, each with the progress in one transaction. May run in many processes,
//! and goes on where one died.
use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    Db,
    clock::Clock,
    ids::{CustomerId, RealmId, RebuildId},
};
use tokio_util::sync::CancellationToken;

use super::{
    begin_rebuild::Rebuild,
    goods::Goods,
    rebuild::{Which, look_up, rebuild},
};
use crate::error::Error;

/// How often it is looked for work.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a job belongs to the process that is at it, without a sign of life.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Customers that are looked up at once.
const BATCH: i64 = 100;

/// Makes libraries anew.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// The catalog.
    pub goods: Goods,
}

impl Worker {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            while !stop.is_cancelled() {
                match self.round().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(error.detail = ?error, "libraries could not be made anew; it goes on later");
                        break;
                    }
                }
            }
        }
    }

    /// Sees to the next few customers of a job; `false` when there is none to be done.
    pub async fn round(&self) -> Result<bool, Error> {
        let Some(job) = self.take().await? else { return Ok(false) };
        if job.total == 0 {
            self.count(&job).await?;
        }
        let next = self.next(&job).await?;
        for customer in &next {
            self.see_to(&job, *customer).await?;
        }
        let is_last = next.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        self.leave((job.realm, job.id), is_last).await?;
        Ok(true)
    }

    /// Takes a job that nobody is at.
    async fn take(&self) -> Result<Option<Rebuild>, Error> {
        let taken = sqlx::query_as(
            "update library_rebuilds j set state = 'running', lease_until = coalesce($1, statement_timestamp()) + $2
             from (select realm_id, id from library_rebuilds
                   where ended_at is null and lease_until <= coalesce($1, statement_timestamp())
                   order by lease_until limit 1 for update skip locked) as due
             where j.realm_id = due.realm_id and j.id = due.id returning j.*",
        );
        Ok(taken.bind(self.clock.shared()).bind(LEASE).fetch_optional(self.db.pool()).await?)
    }

    /// How many there are to be seen to.
    async fn count(&self, job: &Rebuild) -> Result<(), Error> {
        let count = sqlx::query(
            "update library_rebuilds set total = (
               select count(*) from (
                 select customer_id from orders
                 where realm_id = $1 and placed_at is not null and ($3::uuid is null or store_id = $3)
                 union
                 select customer_id from gifts where realm_id = $1 and ($3::uuid is null or store_id = $3)) as all_of_them)
             where realm_id = $1 and id = $2",
        );
        count.bind(job.realm).bind(job.id).bind(job.store).execute(self.db.pool()).await?;
        Ok(())
    }

    /// The next customers who ordered, or were given something; whoever was erased has no library any more.
    async fn next(&self, job: &Rebuild) -> Result<Vec<CustomerId>, Error> {
        let next = sqlx::query_scalar(
            "(select distinct customer_id from orders o
              where realm_id = $1 and placed_at is not null and ($2::uuid is null or store_id = $2)
                and ($3::uuid is null or customer_id > $3)
              order by customer_id limit $4)
             union
             (select distinct customer_id from gifts
              where realm_id = $1 and ($2::uuid is null or store_id = $2) and ($3::uuid is null or customer_id > $3)
              order by customer_id limit $4)
             order by customer_id limit $4",
        );
        let next = next.bind(job.realm).bind(job.store).bind(job.last).bind(BATCH);
        Ok(next.fetch_all(self.db.pool()).await?)
    }

    async fn see_to(&self, job: &Rebuild, customer: CustomerId) -> Result<(), Error> {
        let which = Which { realm: job.realm, customer, store: job.store };
        let inside = look_up(&self.db, &self.goods, which).await?;
        let mut tx = self.db.begin_own().await?;
        let erased = "select exists (select from erasures where realm_id = $1 and customer_id = $2)";
        let erased: bool = sqlx::query_scalar(erased).bind(job.realm).bind(customer).fetch_one(&mut *tx).await?;
        let changed = !erased && rebuild(&mut tx, which, &inside, &self.clock).await?.is_any();
        let progress = sqlx::query(
            "update library_rebuilds set done = done + 1, total = greatest(total, done + 1), changed = changed + $3,
               last_id = $4, lease_until = coalesce($5, statement_timestamp()) + $6, updated_at = $7
             where realm_id = $1 and id = $2 and (last_id is null or last_id < $4)",
        );
        let progress = progress.bind(job.realm).bind(job.id).bind(i64::from(changed)).bind(customer);
        let progress = progress.bind(self.clock.shared()).bind(LEASE).bind(self.clock.now());
        // Another process has seen to them meanwhile, when this one was too slow.
        let is_first = progress.execute(&mut *tx).await?.rows_affected() == 1;
        if is_first {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(())
    }

    /// Lets go of a job, which is done with its last customer.
    async fn leave(&self, (realm, id): (RealmId, RebuildId), is_done: bool) -> Result<(), Error> {
        let leave = if is_done {
            "update library_rebuilds set state = 'succeeded', ended_at = $3, updated_at = $3, total = done
             where realm_id = $1 and id = $2 and ended_at is null"
        } else {
            "update library_rebuilds set lease_until = least(lease_until, $3) where realm_id = $1 and id = $2"
        };
        sqlx::query(leave).bind(realm).bind(id).bind(self.clock.now()).execute(self.db.pool()).await?;
        Ok(())
    }
}
