//! Database connections. One that did what it was asked for comes back at once; only after a failure, or when its work
//! was broken off, is it asked whether it is still good. A question for each use would cost as much as a small query.
use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult},
};
use futures_util::{StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use sqlx::{
    Connection, Describe, Either, Error, Execute, Executor, PgConnection, Postgres, SqlStr,
    postgres::{PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

/// How long a request waits for a connection, and a connection for the server.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a connection may lie idle before it is asked whether it is still good.
const FRESH: Duration = Duration::from_secs(10);
/// How old a connection gets: servers behind one name change, and their memory grows.
const OLD: Duration = Duration::from_mins(30);

/// A service's connections. `&Pool` runs single statements; their rows are read to the end first, so that the
/// connection is free again before the first is looked at. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Pool(managed::Pool<Manager>);

#[derive(Debug)]
struct Manager(PgConnectOptions);

impl managed::Manager for Manager {
    type Type = PgConnection;
    type Error = Error;

    async fn create(&self) -> Result<PgConnection, Error> {
        PgConnection::connect_with(&self.0).await
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<Error> {
        if metrics.age() > OLD {
            return Err(RecycleError::message("old"));
        }
        if metrics.last_used() > FRESH {
            connection.ping().await?;
        }
        Ok(())
    }
}

impl Pool {
    /// At most `size` connections; none is made before it is needed.
    ///
    /// # Panics
    /// Never: the pool is given all that it asks for.
    #[must_use]
    pub fn new(options: PgConnectOptions, size: u32) -> Self {
        let pool = managed::Pool::builder(Manager(options))
            .max_size(usize::try_from(size.max(1)).unwrap_or(usize::MAX))
            // The one used last: few connections do most of the work, and what they know stays in the caches.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE));
        Self(pool.build().expect("a runtime is given, and nothing else can be missing"))
    }

    /// A connection of one's own, for statements that belong together but need no transaction.
    pub async fn acquire(&self) -> Result<Lease, Error> {
        let connection = self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => Error::PoolClosed,
            _ => Error::PoolTimedOut,
        })?;
        Ok(Lease(Some(connection)))
    }

    /// How to connect.
    #[must_use]
    pub fn options(&self) -> &PgConnectOptions {
        &self.0.manager().0
    }

    /// Connections there are, those of them that are idle, and how many there may be.
    #[must_use]
    pub fn usage(&self) -> [usize; 3] {
        let status = self.0.status();
        [status.size, status.available, status.max_size]
    }
}

/// A connection that somebody has to themselves.
pub struct Lease(Option<Object<Manager>>);

impl Lease {
    /// Gives the connection back without a question: the last statement was carried out.
    pub fn finish(mut self) {
        self.0 = None;
    }

    /// Gives the connection back after `sql`, or not at all.
    fn mend(&mut self, sql: Option<&'static str>) {
        // Without a runtime the process is about to end, and the connection with it.
        if let (Some(mut connection), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                let mended = tokio::time::timeout(PATIENCE, async {
                    if let Some(sql) = sql {
                        sqlx::raw_sql(sql).execute(&mut *connection).await?;
                    }
                    connection.ping().await
                });
                if !matches!(mended.await, Ok(Ok(()))) {
                    drop(Object::take(connection));
                }
            });
        }
    }

    /// Rolls the open transaction back and gives the connection back, both aside.
    pub fn roll_back(mut self) {
        self.mend(Some("rollback"));
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.0.as_deref().expect("it is there until it is given back")
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.0.as_deref_mut().expect("it is there until it is given back")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.mend(None);
    }
}

impl<'p> Executor<'p> for &Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.clone();
        let rows = async move {
            let mut lease = pool.acquire().await?;
            let rows: Vec<_> = lease.fetch_many(query).try_collect().await?;
            lease.finish();
            Ok::<_, Error>(futures_util::stream::iter(rows.into_iter().map(Ok)))
        };
        rows.try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.clone();
        Box::pin(async move {
            let mut lease = pool.acquire().await?;
            let row = lease.fetch_optional(query).await?;
            lease.finish();
            Ok(row)
        })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        Box::pin(async move {
            let mut lease = pool.acquire().await?;
            let statement = lease.prepare_with(sql, parameters).await?;
            lease.finish();
            Ok(statement)
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        Box::pin(async move {
            let mut lease = pool.acquire().await?;
            let description = lease.describe(sql).await?;
            lease.finish();
            Ok(description)
        })
    }
}
