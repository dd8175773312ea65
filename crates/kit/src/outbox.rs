//! Events out: a row in the transaction of what happened, carried to JetStream by one relay per service (PL-2).
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, context::PublishAckFuture, message::PublishMessage, stream};
use futures_util::future::join_all;
use prost::{Message, Name};
use sqlx::{
    Postgres,
    postgres::{PgArguments, PgListener},
    query::Query,
    types::Json,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    db::{Db, Tx},
    telemetry,
};

/// How many events go to the broker at once.
const BATCH: i64 = 500;
/// How often waiting transactions wake the relay at most. The first after a rest does at once.
const GATHER: Duration = Duration::from_millis(50);
/// How long events stay: in the stream, and as published rows to fill its gaps from.
pub const RETENTION: Duration = Duration::from_hours(7 * 24);

/// Publishes `event` when the transaction commits. Its subject is its full protobuf name; what every service publishes
/// alike goes out under the service's own name.
pub fn publish<E: Message + Name>(tx: &mut Tx, event: &E) {
    let subject = E::full_name().replacen("patron.base.", &format!("patron.{}.", tx.service()), 1);
    tx.events().push(subject, event);
}

/// The events of a transaction: gathered, and written in one statement as the last thing before its end.
#[derive(Default)]
pub(crate) struct Events {
    ids: Vec<Uuid>,
    subjects: Vec<String>,
    payloads: Vec<Vec<u8>>,
    headers: Vec<Json<HashMap<String, String>>>,
}

/// Columns that [`Events::bind`] binds from `$1` on.
pub(crate) const INSERT: &str = "insert into outbox (event_id, subject, payload, headers)
     select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::jsonb[])";

impl Events {
    fn push(&mut self, subject: String, event: &impl Message) {
        self.ids.push(event_id());
        self.subjects.push(subject);
        self.payloads.push(event.encode_to_vec());
        self.headers.push(Json(telemetry::carried()));
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Binds the arguments of [`INSERT`].
    pub(crate) fn bind(self, sql: Query<'_, Postgres, PgArguments>) -> Query<'_, Postgres, PgArguments> {
        sql.bind(self.ids).bind(self.subjects).bind(self.payloads).bind(self.headers)
    }
}

/// Of the system's time, not of the injected clock: it only has to be unique, which its random part sees to. What is new lies
/// together in the indexes of the outbox and of every inbox, as it would not if all of it were random.
#[expect(clippy::disallowed_methods, reason = "nothing goes by its time")]
fn event_id() -> Uuid {
    Uuid::now_v7()
}

/// The stream that carries the events of `service`.
#[must_use]
pub fn stream(service: &str) -> stream::Config {
    stream::Config {
        name: format!("patron_{service}"),
        subjects: vec![format!("patron.{service}.>")],
        max_age: RETENTION,
        ..stream::Config::default()
    }
}

/// Tells the relay, wherever it runs, that there is something to do: after the commit and gathered, since a
/// notification inside the transactions would make them commit one by one.
pub async fn announce(db: Db, stop: CancellationToken) {
    let channel = format!("{}_outbox", db.service());
    while stop.run_until_cancelled(db.published().notified()).await.is_some() {
        if let Err(error) = sqlx::query("select pg_notify($1, '')").bind(&channel).execute(db.pool()).await {
            tracing::warn!(error.detail = %error, "the relay could not be woken; it will look by itself");
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// Carries events until `stop`. Of all the processes that run a service, one at a time holds its relay.
pub async fn relay(db: Db, broker: jetstream::Context, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let relay = Relay { db: &db, broker: &broker };
        if let Some(Err(error)) = stop.run_until_cancelled(relay.hold()).await {
            tracing::warn!(error.detail = format!("{error:#}"), service = db.service(), "the relay starts over");
        }
        stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(1))).await;
    }
}

struct Relay<'a> {
    db: &'a Db,
    broker: &'a jetstream::Context,
}

#[derive(sqlx::FromRow)]
struct Waiting {
    id: i64,
    event_id: Uuid,
    subject: String,
    payload: Vec<u8>,
    headers: Json<HashMap<String, String>>,
}

impl Relay<'_> {
    /// Takes the lock and works as long as its connection lives.
    async fn hold(&self) -> anyhow::Result<()> {
        let session = self.db.apart();
        let mut listener = PgListener::connect_with(&session).await?;
        listener.eager_reconnect(false);
        let lock = "select pg_try_advisory_lock(hashtextextended('relay ' || current_schema(), 0))";
        while !sqlx::query_scalar::<_, bool>(lock).fetch_one(&mut listener).await? {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        listener.listen(&format!("{}_outbox", self.db.service())).await?;
        // What is marked may be forgotten by a crash: the events go out again, and the broker knows them by their ids.
        sqlx::query("set synchronous_commit = off").execute(&mut listener).await?;
        let (mut last, mut checked) = (self.fill_gap(&mut listener, None).await?, Instant::now());
        loop {
            if checked.elapsed() > Duration::from_secs(5) {
                (last, checked) = (self.fill_gap(&mut listener, Some(last)).await?, Instant::now());
            }
            if self.carry(&mut listener, &mut last).await? < BATCH {
                // Woken by `announce`; the second is the safety net. A lost connection has lost the lock, too.
                if let Ok(woken) = tokio::time::timeout(Duration::from_secs(1), listener.try_recv()).await {
                    anyhow::ensure!(woken?.is_some(), "the connection that holds the lock was lost");
                }
            }
        }
    }

    /// Sends one batch in order and marks what the broker has acknowledged behind the `last` place of the stream.
    /// Answers how many there were.
    async fn carry(&self, connection: &mut PgListener, last: &mut i64) -> anyhow::Result<i64> {
        let rows: Vec<Waiting> = sqlx::query_as(
            "select id, event_id, subject, payload, headers from outbox where published_at is null order by id limit $1",
        )
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
        let mut acks: Vec<(i64, PublishAckFuture)> = Vec::with_capacity(rows.len());
        let count = i64::try_from(rows.len())?;
        for row in rows {
            let mut message = PublishMessage::build().payload(row.payload.into()).message_id(row.event_id.to_string());
            for (name, value) in row.headers.0 {
                message = message.header(name.as_str(), value.as_str());
            }
            acks.push((row.id, self.broker.send_publish(row.subject, message).await?));
        }
        // All at once, so that a broker that dies with the batch costs one time-out and not one for each event.
        let acks = acks.into_iter().map(|(id, ack)| async move { (id, ack.await) });
        let (mut ids, mut places, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
        let mut failure = None;
        for (id, ack) in join_all(acks).await {
            match ack {
                Ok(ack) => {
                    ids.push(id);
                    places.push(i64::try_from(ack.sequence)?);
                    // What the broker knew already has the place of its first time.
                    fresh.extend((!ack.duplicate).then_some(i64::try_from(ack.sequence)?));
                }
                Err(error) => failure = Some(error),
            }
        }
        if let Some(first) = fresh.iter().min() {
            if first <= last {
                self.lost(connection, &ids, *first).await?;
            }
            *last = fresh.iter().copied().max().unwrap_or(*last);
        }
        self.mark(connection, &ids, &places).await?;
        failure.map_or(Ok(count), |error| Err(error.into()))
    }

    /// A new place at or below one that was acknowledged before means that the broker lost what was there.
    async fn lost(&self, connection: &mut PgListener, ids: &[i64], first: i64) -> anyhow::Result<()> {
        sqlx::query(
            "update outbox set published_at = null, stream_seq = null where stream_seq >= $1 and id <> all($2)",
        )
        .bind(first)
        .bind(ids)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn mark(&self, connection: &mut PgListener, ids: &[i64], places: &[i64]) -> anyhow::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        metrics::counter!("outbox_published_total", "service" => self.db.service()).increment(ids.len() as u64);
        sqlx::query(
            "update outbox o set published_at = now(), stream_seq = a.place
             from unnest($1::bigint[], $2::bigint[]) as a (id, place) where o.id = a.id",
        )
        .bind(ids)
        .bind(places)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Sends again what the stream no longer has although it was acknowledged: a broker that lost its disk. There is
    /// nothing to look for while the stream reaches to the place that is `known`. Answers the stream's last place.
    async fn fill_gap(&self, connection: &mut PgListener, known: Option<i64>) -> anyhow::Result<i64> {
        let mut stream = self.broker.get_or_create_stream(stream(self.db.service())).await?;
        let last = i64::try_from(stream.info().await?.state.last_sequence)?;
        if known.is_some_and(|known| last >= known) {
            return Ok(last);
        }
        let lost = sqlx::query("update outbox set published_at = null, stream_seq = null where stream_seq > $1")
            .bind(last)
            .execute(connection)
            .await?
            .rows_affected();
        if lost > 0 {
            tracing::warn!(
                service = self.db.service(),
                events = lost,
                "the stream is shorter than it was; sending again"
            );
        }
        Ok(last)
    }
}

/// Drops what is kept for a while only: published events, applied events, idempotency keys.
pub async fn prune(db: Db, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_mins(10))).await.is_some() {
        for statement in [
            "delete from outbox where published_at < now() - interval '7 days'",
            "delete from inbox where applied_at < now() - interval '15 days'",
            "delete from idempotency_keys where created_at < now() - interval '24 hours'",
        ] {
            if let Err(error) = sqlx::query(statement).execute(db.pool()).await {
                tracing::warn!(error.detail = %error, service = db.service(), "old rows could not be dropped");
            }
        }
    }
}
