//! Carries out erasures that a service has heard of: at once, and twice again while somebody who was at work at that
//! moment may still leave something behind.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Db, Error, Tx,
    clock::{Clock, timestamp},
    ids::{CustomerId, RealmId},
    outbox,
    service::Task,
    transport::Transport,
};
use proto::{
    base::v1::StepDone,
    customers::v1::{GetErasedRequest, erasure_service_client::ErasureServiceClient},
};
use tokio_util::sync::CancellationToken;
use tonic::Request;

use crate::{Counts, Person, Table, answers, erase};

/// How often a service looks for work.
const PAUSE: Duration = Duration::from_secs(1);
/// After how long it looks again at an erasure that it could not carry out.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);
/// After how long it looks again. A request takes a minute at most, an assertion is good for five.
const LOOKS: [TimeDelta; 2] = [TimeDelta::minutes(1), TimeDelta::minutes(6)];

/// What a service does for an erasure beyond its list.
pub trait Forgetter: Send + Sync + 'static {
    /// All it keeps.
    const TABLES: &'static [Table];

    /// Does what is to be done before, in the same transaction; it may say by which hashes it knows `person`.
    fn prepare(&self, _tx: &mut Tx, _person: &mut Person) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }
}

/// The work of one service.
pub struct Work<F> {
    /// Its database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Who knows whom it was, while that is not done: customers.
    pub customers: Transport,
    /// What is special about the service.
    pub forgetter: F,
}

/// An erasure to look at.
#[derive(Debug, sqlx::FromRow)]
struct Due {
    realm_id: RealmId,
    customer_id: CustomerId,
    job_id: String,
    at: DateTime<Utc>,
    looks: i16,
}

/// The work as a task of its service.
pub fn task<F: Forgetter>(work: Work<F>) -> Task {
    let work = std::sync::Arc::new(work);
    kit::service::task(move |stop| {
        let work = std::sync::Arc::clone(&work);
        async move { work.run(stop).await }
    })
}

impl<F: Forgetter> Work<F> {
    async fn run(&self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(error.detail = ?error, service = self.db.service(), "an erasure waits");
            }
        }
    }

    /// Looks at every erasure that is due; answers how many there were. One that fails holds up no other.
    pub async fn round(&self) -> Result<usize, Error> {
        let due = self.take().await?;
        let mut people = Vec::with_capacity(due.len());
        for due in &due {
            match self.person(due).await {
                Ok(person) => people.push((due, person)),
                Err(error) => self.wait(due, &error),
            }
        }
        // Every answer is opened for it, so that this is done once for all of them.
        let answers = answers::forget(&self.db, people.iter().map(|(due, person)| (person, &*due.job_id))).await?;
        for ((due, person), answers) in people.into_iter().zip(answers) {
            if let Err(error) = self.look(due, person, answers).await {
                self.wait(due, &error);
            }
        }
        Ok(due.len())
    }

    fn wait(&self, due: &Due, error: &Error) {
        tracing::warn!(error.detail = ?error, service = self.db.service(), job.id = due.job_id, "an erasure waits");
    }

    async fn look(&self, due: &Due, mut person: Person, answers: i64) -> Result<(), Error> {
        let mut tx = self.db.begin_own().await?;
        if !self.count(&mut tx, due).await? {
            return Ok(()); // Another process of the service has done it.
        }
        self.forgetter.prepare(&mut tx, &mut person).await?;
        let mut counts = erase(&mut tx, F::TABLES, &person).await?;
        if answers > 0 {
            counts.insert("answers".to_owned(), answers);
        }
        if due.looks == 0 {
            outbox::publish(&mut tx, &self.done(due, counts));
        }
        tx.commit().await
    }

    /// Erasures to look at; nobody else does for a while, and neither does this process when one fails.
    async fn take(&self) -> Result<Vec<Due>, Error> {
        let due = sqlx::query_as(
            "update erasures e set next_look_at = coalesce($1, statement_timestamp()) + $2
             from (select realm_id, customer_id from erasures where next_look_at <= coalesce($1, statement_timestamp())
                   order by next_look_at limit 20 for update skip locked) as due
             where e.realm_id = due.realm_id and e.customer_id = due.customer_id
             returning e.realm_id, e.customer_id, e.job_id, e.at, e.looks",
        );
        Ok(due.bind(self.clock.shared()).bind(PATIENCE).fetch_all(self.db.pool()).await?)
    }

    /// Who it was, as long as customers knows.
    async fn person(&self, due: &Due) -> Result<Person, Error> {
        let request = GetErasedRequest { realm: due.realm_id.into(), customer: due.customer_id.into() };
        let erased = ErasureServiceClient::new(self.customers.clone()).get_erased(Request::new(request)).await;
        let erased = erased?.into_inner();
        let person = Person::unknown(due.realm_id, due.customer_id, due.at);
        Ok(person.called(&erased.emails, &erased.phones, &erased.names))
    }

    /// Counts the look, unless somebody else has it.
    async fn count(&self, tx: &mut Tx, due: &Due) -> Result<bool, Error> {
        let next = usize::try_from(due.looks).ok().and_then(|looks| LOOKS.get(looks));
        let taken = sqlx::query(
            "update erasures set looks = looks + 1, next_look_at = coalesce($4, statement_timestamp()) + $5
             where realm_id = $1 and customer_id = $2 and looks = $3",
        );
        let taken = taken.bind(due.realm_id).bind(due.customer_id).bind(due.looks);
        let taken = taken.bind(self.clock.shared()).bind(next.copied()).execute(&mut **tx).await?;
        Ok(taken.rows_affected() == 1)
    }

    fn done(&self, due: &Due, counts: Counts) -> StepDone {
        StepDone {
            realm: due.realm_id.into(),
            job: due.job_id.clone(),
            service: self.db.service().to_owned(),
            counts: counts.into_iter().collect(),
            at: Some(timestamp(self.clock.now())),
        }
    }
}
