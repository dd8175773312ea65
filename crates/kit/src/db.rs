//! PostgreSQL: one schema per service, reached by `search_path`; transactions that publish and remember answers.
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use anyhow::Context;
use base::secret::Secrets;
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Notify;
use tonic::Response;

use crate::{
    call::Call,
    error::Error,
    idempotency::{self, Claim},
    outbox::{self, Events},
    pool::{Lease, Pool},
};

/// Only ending a transaction takes its connection, and that consumes the transaction.
const OPEN: &str = "a transaction has its connection until it ends";

/// A service's database: its pool, and what its transactions need.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    service: &'static str,
    secrets: Secrets,
    published: Arc<Notify>,
}

/// What the server does about statements and sessions that nobody attends to any more. Statements end by themselves, and
/// at once when whoever asked is gone; a process that stands still gives up its locks, or it would hold up all others.
const LIMITS: [(&str, &str); 3] = [
    ("statement_timeout", "15s"),
    ("client_connection_check_interval", "2s"),
    ("idle_in_transaction_session_timeout", "15s"),
];

/// Options to reach `url` with the tables of `service` in front.
pub fn options(url: &str, service: &str) -> anyhow::Result<PgConnectOptions> {
    let options: PgConnectOptions = url.parse().context("the database URL cannot be read")?;
    Ok(options
        .application_name(&format!("patron-{service}"))
        .options([("search_path", format!("{service},public"))])
        .options(LIMITS))
}

/// Brings the schema of `service` up to date: first the kit's tables, then the service's own. Safe to run from
/// several processes at once.
pub async fn migrate(url: &str, service: &'static str, own: &Migrator) -> anyhow::Result<()> {
    let mut kit = sqlx::migrate!("./migrations");
    kit.dangerous_set_table_name("_kit_migrations");
    kit.create_schema(service);
    // A failed migration leaves its lock held: the connection belongs to no pool and is dropped in any case.
    let mut connection = PgConnection::connect_with(&options(url, service)?.options([("statement_timeout", "0")]))
        .await
        .context("the database cannot be reached")?;
    kit.run_direct(None, &mut connection, false).await.with_context(|| format!("migrating {service}"))?;
    own.run_direct(None, &mut connection, false).await.with_context(|| format!("migrating {service}"))?;
    connection.close().await?;
    Ok(())
}

impl Db {
    /// A pool of at most `size` connections; none is made before it is needed.
    pub fn connect(url: &str, service: &'static str, size: u32, secrets: &Secrets) -> anyhow::Result<Self> {
        let pool = Pool::new(options(url, service)?, size);
        Ok(Self { pool, service, secrets: secrets.clone(), published: Arc::default() })
    }

    /// The pool, for reads that need no transaction.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// A pool of one connection, apart from the others: what its session holds (locks, subscriptions) goes with it.
    #[must_use]
    pub fn apart(&self) -> PgPool {
        PgPoolOptions::new().max_connections(1).connect_lazy_with(self.pool.options().clone())
    }

    /// Whose schema this is.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// What seals the answers that are kept.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Wakes when a transaction that published has committed.
    pub(crate) fn published(&self) -> &Notify {
        &self.published
    }

    /// A transaction for the request `call`. With an idempotency key it is claimed here: ask [`Tx::replayed`] first.
    pub async fn begin(&self, call: &Call) -> Result<Tx, Error> {
        let mut tx = self.begin_own().await?;
        if let Some(key) = call.idempotency_key() {
            tx.claim = Some(idempotency::claim(&mut tx, key, &self.secrets).await?);
        }
        Ok(tx)
    }

    /// The stored answer, when the request `call` was already carried out under its idempotency key. A question aside,
    /// for what has work to do before its transaction; [`Db::begin`] claims the key.
    pub async fn replayed<T: prost::Message + Default>(&self, call: &Call) -> Result<Option<Response<T>>, Error> {
        match call.idempotency_key() {
            Some(key) => idempotency::recall(self.pool(), key, &self.secrets).await?.answer(),
            None => Ok(None),
        }
    }

    /// A transaction for a request that [`Db::replayed`] has found to be new: its answer is stored under its key. Of two
    /// that run at once, the later to end undoes its work and is told that the other was in flight.
    pub async fn begin_new(&self, call: &Call) -> Result<Tx, Error> {
        let mut tx = self.begin_own().await?;
        tx.claim = call.idempotency_key().map(Claim::new);
        Ok(tx)
    }

    /// A transaction of the service's own, for tasks and consumers.
    pub async fn begin_own(&self) -> Result<Tx, Error> {
        let mut tx =
            Tx { lease: Some(self.pool.acquire().await?), claim: None, events: Events::default(), db: self.clone() };
        sqlx::raw_sql("begin").execute(&mut *tx).await?;
        Ok(tx)
    }
}

/// A transaction. It derefs to the connection: run SQL on `&mut **tx`. Dropped without an answer it rolls back.
pub struct Tx {
    /// There until the transaction has ended.
    lease: Option<Lease>,
    claim: Option<Claim>,
    events: Events,
    db: Db,
}

impl Tx {
    /// The stored answer, when this request was already carried out under its idempotency key.
    pub fn replayed<T: prost::Message + Default>(&self) -> Result<Option<Response<T>>, Error> {
        self.claim.as_ref().map_or(Ok(None), Claim::answer)
    }

    /// Stores `answer` under the request's idempotency key, commits, and wakes the relay.
    pub async fn answer<T: prost::Message>(mut self, answer: T) -> Result<Response<T>, Error> {
        if let Some(claim) = self.claim.take() {
            let events = std::mem::take(&mut self.events);
            let told = !events.is_empty();
            let secrets = self.db.secrets.clone();
            claim.store(&mut self, (&answer, events), &secrets).await?;
            self.close(told).await?;
        } else {
            self.commit().await?;
        }
        Ok(Response::new(answer))
    }

    /// Commits and wakes the relay. What was claimed under an idempotency key stays open for the next transaction.
    pub async fn commit(mut self) -> Result<(), Error> {
        let events = std::mem::take(&mut self.events);
        let told = !events.is_empty();
        if told {
            events.bind(sqlx::query(outbox::INSERT)).execute(&mut *self).await?;
        }
        self.close(told).await
    }

    async fn close(&mut self, told: bool) -> Result<(), Error> {
        self.end("commit").await?;
        if told {
            self.db.published.notify_one();
        }
        Ok(())
    }

    /// Undoes everything, and waits for it: one that is only dropped holds its locks a little longer.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.end("rollback").await
    }

    async fn end(&mut self, sql: &'static str) -> Result<(), Error> {
        sqlx::raw_sql(sql).execute(&mut **self).await?;
        self.lease.take().into_iter().for_each(Lease::finish);
        Ok(())
    }

    /// Whose transaction this is.
    pub(crate) fn service(&self) -> &'static str {
        self.db.service
    }

    /// What is going to be told when the transaction commits.
    pub(crate) fn events(&mut self) -> &mut Events {
        &mut self.events
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.lease.as_ref().expect(OPEN)
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.lease.as_mut().expect(OPEN)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        self.lease.take().into_iter().for_each(Lease::roll_back);
    }
}

/// Gives a violated constraint its meaning: `.await.map_err(on_unique("notes_pkey", || Error::NoteExists))?`.
/// Any other error passes as it is. Works for every named constraint, not unique ones only.
pub fn on_unique<E: From<sqlx::Error>>(
    constraint: &'static str,
    meaning: impl FnOnce() -> E,
) -> impl FnOnce(sqlx::Error) -> E {
    move |error| match &error {
        sqlx::Error::Database(cause) if cause.constraint() == Some(constraint) => meaning(),
        _ => error.into(),
    }
}
