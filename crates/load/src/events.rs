//! Whether every event has been applied: nothing waits in an outbox or for a receipt, no consumer has anything before it.
use std::time::{Duration, Instant};

use anyhow::bail;
use async_nats::jetstream;
use futures_util::TryStreamExt;
use sqlx::{Connection, PgConnection};

/// How often one looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks into the outboxes and at the broker.
pub struct Events {
    database: PgConnection,
    broker: jetstream::Context,
    /// Counts what waits in all outboxes, and orders that wait for a receipt.
    waiting: String,
    /// Counts dead letters.
    dead: String,
}

impl Events {
    /// Connects to both.
    pub async fn of(database_url: &str, nats_url: &str) -> anyhow::Result<Self> {
        let mut database = PgConnection::connect(database_url).await?;
        let schemas: Vec<String> =
            sqlx::query_scalar("select schemaname::text from pg_tables where tablename = 'outbox' order by 1")
                .fetch_all(&mut database)
                .await?;
        let broker = jetstream::new(async_nats::connect(nats_url).await?);
        let waiting = sum(&schemas, "outbox where published_at is null");
        let waiting = format!("{waiting} + (select count(*) from orders.receipts_due)");
        let dead = sum(&schemas, "dead_letters");
        Ok(Self { database, broker, waiting, dead })
    }

    /// Waits until all are applied, which may take as long as `patience`; answers how long it took.
    pub async fn settle(&mut self, patience: Duration) -> anyhow::Result<Duration> {
        let began = Instant::now();
        loop {
            // Applying events makes events, so the outboxes are looked at on both sides of the consumers.
            if self.count(Count::Waiting).await? == 0
                && self.pending().await? == 0
                && self.count(Count::Waiting).await? == 0
            {
                break;
            }
            if began.elapsed() > patience {
                bail!("events are still not applied after {} s", patience.as_secs());
            }
            tokio::time::sleep(PAUSE).await;
        }
        match self.count(Count::Dead).await? {
            0 => Ok(began.elapsed()),
            dead => bail!("{dead} events could not be applied: dead letters"),
        }
    }

    async fn count(&mut self, what: Count) -> anyhow::Result<i64> {
        let statement = match what {
            Count::Waiting => &self.waiting,
            Count::Dead => &self.dead,
        };
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement.clone())).fetch_one(&mut self.database).await?)
    }

    /// Events that some consumer has not acknowledged.
    async fn pending(&self) -> anyhow::Result<u64> {
        let mut pending = 0;
        let mut streams = self.broker.streams();
        while let Some(stream) = streams.try_next().await? {
            let stream = self.broker.get_stream(&stream.config.name).await?;
            let mut consumers = stream.consumers();
            while let Some(consumer) = consumers.try_next().await? {
                pending += consumer.num_pending + u64::try_from(consumer.num_ack_pending).unwrap_or_default();
            }
        }
        Ok(pending)
    }
}

#[derive(Clone, Copy)]
enum Count {
    Waiting,
    Dead,
}

fn sum(schemas: &[String], rows: &str) -> String {
    let counts: Vec<_> = schemas.iter().map(|schema| format!("(select count(*) from {schema}.{rows})")).collect();
    format!("select 0::bigint + {}", if counts.is_empty() { "0".to_owned() } else { counts.join(" + ") })
}
