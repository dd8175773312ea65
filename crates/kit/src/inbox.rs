//! Events in: a batch in one transaction, each event applied once; what keeps failing becomes a dead letter (PL-2).
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_nats::jetstream::{
    self, AckKind, Message,
    consumer::{self, pull::Stream},
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use prost::Name;
use sqlx::types::Json;
use tokio::{
    task::unconstrained,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    db::{Db, Tx},
    error::Error,
    outbox, telemetry,
};

/// Events of one transaction at most.
const BATCH: usize = 200;
/// How often a consumer begins a transaction at most, unless it is full. The first event after a rest is applied at once; of
/// a stream of them many share what a transaction costs.
const GATHER: Duration = Duration::from_millis(100);
/// Deliveries after which an event that fails by itself, not by an outage, becomes a dead letter.
const ATTEMPTS: i64 = 6;

/// When the broker gives events to somebody else: whoever had them has died, or takes longer than any batch should.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one pull from the broker lasts.
const EXPIRY: Duration = Duration::from_secs(10);

/// What a service does with the events of others.
pub trait Consumer: Send + Sync + 'static {
    /// Services whose events are consumed.
    const SOURCES: &'static [&'static str];

    /// Which of the events of `source`, as subjects name them behind the service. Each of these is followed by itself.
    #[must_use]
    fn events(_source: &str) -> &'static [&'static str] {
        &[">"]
    }

    /// Applies one event within `tx`. It may come late, and in any order with others; never twice.
    fn apply(&self, tx: &mut Tx, event: &Event) -> impl Future<Output = Result<(), Error>> + Send;

    /// Applies the events of a batch, each in its [`Event::span`]. One after the other, unless a consumer knows how to
    /// write many of a kind at once.
    fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            for event in events {
                self.apply(tx, event).instrument(event.span()).await?;
            }
            Ok(())
        }
    }
}

/// An event as it arrived.
#[derive(Clone, Debug)]
pub struct Event {
    /// What makes it one and the same through every repetition.
    pub id: Uuid,
    /// Full protobuf name.
    pub subject: String,
    payload: Bytes,
    headers: HashMap<String, String>,
}

impl Event {
    /// `event` as it arrives when its relay gave it this `id`.
    #[must_use]
    pub fn new<E: prost::Message + Name>(id: Uuid, event: &E) -> Self {
        let payload = event.encode_to_vec().into();
        Self { id, subject: E::full_name(), payload, headers: HashMap::new() }
    }

    /// The event as an `E`; `None` when it is another kind.
    pub fn read<E: prost::Message + Name + Default>(&self) -> Result<Option<E>, Error> {
        let own = self.subject == E::full_name();
        let shared = || E::PACKAGE == "patron.base.v1" && self.subject.rsplit('.').next() == Some(E::NAME);
        if !(own || shared()) {
            return Ok(None);
        }
        let event = E::decode(self.payload.clone());
        event.map(Some).map_err(|e| Error::Internal(format!("{} cannot be decoded: {e}", self.subject)))
    }

    /// What belongs to the trace of the request that the event came from.
    #[must_use]
    pub fn span(&self) -> tracing::Span {
        let span = tracing::info_span!("event", otel.name = %self.subject, messaging.system = "nats");
        telemetry::follow_any(&span, &self.headers);
        span
    }

    fn of(message: &Message) -> Option<Self> {
        let headers = message.headers.as_ref()?;
        let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
        let carried = ["traceparent", "tracestate", telemetry::ACTING].into_iter();
        Some(Self {
            id: text("Nats-Msg-Id")?.parse().ok()?,
            subject: message.subject.to_string(),
            payload: message.payload.clone(),
            headers: carried.filter_map(|name| Some((name.to_owned(), text(name)?))).collect(),
        })
    }
}

/// What the broker knows a consumer of `service` by: the one of the events at this place of [`Consumer::events`].
#[must_use]
pub fn durable(service: &str, place: usize) -> String {
    if place == 0 { service.to_owned() } else { format!("{service}_{place}") }
}

/// Consumes the events at `place` among those of `source` until `stop`.
pub async fn consume<C: Consumer>(
    db: Db,
    broker: jetstream::Context,
    consumer: Arc<C>,
    (source, place): (&'static str, usize),
    stop: CancellationToken,
) {
    let inbox = Inbox { db, consumer };
    while !stop.is_cancelled() {
        if let Err(error) = inbox.follow(&broker, source, place, &stop).await {
            tracing::warn!(error.detail = format!("{error:#}"), source, "the consumer starts over");
        }
        stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(1))).await;
    }
}

/// Applies dead letters that an operator asked to have replayed, until `stop`.
pub async fn replay<C: Consumer>(db: Db, consumer: Arc<C>, stop: CancellationToken) {
    let inbox = Inbox { db, consumer };
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(1))).await.is_some() {
        if let Err(error) = inbox.replay().await {
            tracing::warn!(error.detail = ?error, "dead letters could not be replayed");
        }
    }
}

struct Inbox<C> {
    db: Db,
    consumer: Arc<C>,
}

impl<C: Consumer> Inbox<C> {
    /// Applies what arrives until `stop`; what was fetched by then and not begun goes to another process at once.
    async fn follow(
        &self,
        broker: &jetstream::Context,
        source: &str,
        place: usize,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let Some(messages) = stop.run_until_cancelled(self.listen(broker, source, place)).await else { return Ok(()) };
        let mut batches = messages?.ready_chunks(BATCH);
        // Without the runtime's budget, which would cut every batch short; BATCH bounds what one look takes.
        while let Some(Some(batch)) = stop.run_until_cancelled(unconstrained(batches.next())).await {
            let next = Instant::now() + GATHER;
            let batch = batch.into_iter().collect::<Result<Vec<_>, _>>()?;
            let is_full = batch.len() == BATCH;
            self.settle(batch).await?;
            if !is_full {
                stop.run_until_cancelled(sleep_until(next)).await;
            }
        }
        for message in unconstrained(batches.next()).now_or_never().flatten().into_iter().flatten().flatten() {
            message.ack_with(AckKind::Nak(None)).await.map_err(|e| anyhow::anyhow!(e))?;
        }
        Ok(())
    }

    async fn listen(&self, broker: &jetstream::Context, source: &str, place: usize) -> anyhow::Result<Stream> {
        let stream = broker.get_or_create_stream(outbox::stream(source)).await?;
        let durable = durable(self.db.service(), place);
        let config = consumer::pull::Config {
            durable_name: Some(durable.clone()),
            filter_subject: format!("patron.{source}.{}", C::events(source)[place]),
            ack_wait: PATIENCE,
            max_ack_pending: 5 * i64::try_from(BATCH)?,
            ..consumer::pull::Config::default()
        };
        let mut consumer = stream.get_or_create_consumer(&durable, config.clone()).await?;
        if consumer.cached_info().config.filter_subject != config.filter_subject {
            // Made by a release that listened to something else.
            consumer = stream.create_consumer(config).await?;
        }
        // Heartbeats tell within seconds that the broker has forgotten this consumer.
        let stream = consumer.stream().max_messages_per_batch(2 * BATCH).expires(EXPIRY).heartbeat(EXPIRY / 5);
        Ok(stream.messages().await?)
    }

    /// Applies a batch and tells the broker what became of each event.
    async fn settle(&self, batch: Vec<Message>) -> anyhow::Result<()> {
        let (mut events, mut deliveries) = (Vec::new(), Vec::new());
        for message in batch {
            match Event::of(&message) {
                Some(event) => {
                    deliveries.push((message.info().map_or(1, |info| info.delivered), message));
                    events.push(event);
                }
                // Nothing of ours: no relay sends an event without an id.
                None => message.ack_with(AckKind::Term).await.map_err(|e| anyhow::anyhow!(e))?,
            }
        }
        let outcomes = match self.together(&events).await {
            Ok(()) => events.iter().map(|_| Ok(())).collect(),
            Err(_) => self.one_by_one(&events, &deliveries).await,
        };
        for ((delivered, message), outcome) in deliveries.into_iter().zip(outcomes) {
            let kind = match outcome {
                Ok(()) => AckKind::Ack,
                Err(error) => {
                    tracing::warn!(error.detail = ?error, subject = %message.subject, delivered, "an event waits");
                    AckKind::Nak(Some(backoff(delivered)))
                }
            };
            message.ack_with(kind).await.map_err(|e| anyhow::anyhow!(e))?;
        }
        Ok(())
    }

    /// The usual way: the whole batch in one transaction.
    async fn together(&self, events: &[Event]) -> Result<(), Error> {
        let mut tx = self.db.begin_own().await?;
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let mut fresh: Vec<Uuid> = sqlx::query_scalar(
            "insert into inbox (event_id) select distinct unnest($1::uuid[]) on conflict do nothing returning event_id",
        )
        .bind(&ids)
        .fetch_all(&mut *tx)
        .await?;
        // Each fresh id once, also when the batch holds an event twice.
        let is_fresh = |event: &&Event| {
            fresh.iter().position(|id| *id == event.id).map(|place| fresh.swap_remove(place)).is_some()
        };
        let events: Vec<&Event> = events.iter().filter(is_fresh).collect();
        self.apply(&mut tx, &events).await?;
        tx.commit().await
    }

    /// After a failure: each event by itself, so that one does not hold up the others.
    async fn one_by_one(&self, events: &[Event], deliveries: &[(i64, Message)]) -> Vec<Result<(), Error>> {
        let mut outcomes = Vec::with_capacity(events.len());
        for (event, (delivered, _)) in events.iter().zip(deliveries) {
            let outcome = match self.together(std::slice::from_ref(event)).await {
                Err(error) if !error.is_transient() && *delivered >= ATTEMPTS => self.bury(event, &error).await,
                outcome => outcome,
            };
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Applies events in order; together where the same person acts in somebody's name, or nobody does.
    async fn apply(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let acting = |event: &Event| event.headers.get(telemetry::ACTING).cloned();
        for events in events.chunk_by(|one, next| acting(one) == acting(next)) {
            let work = telemetry::for_acting(acting(events[0]), self.consumer.apply_all(tx, events));
            self.settled(AssertUnwindSafe(work).catch_unwind().await, events.len())?;
        }
        Ok(())
    }

    fn settled(&self, applied: std::thread::Result<Result<(), Error>>, count: usize) -> Result<(), Error> {
        // A panic is a failure like any other, or the event would come back and stop the consumer for ever.
        applied.unwrap_or_else(|_| Err(Error::Internal("a consumer panicked".to_owned())))?;
        metrics::counter!("inbox_applied_total", "service" => self.db.service()).increment(count as u64);
        Ok(())
    }

    async fn bury(&self, event: &Event, error: &Error) -> Result<(), Error> {
        metrics::counter!("dead_letters_total", "service" => self.db.service()).increment(1);
        tracing::error!(error.detail = ?error, subject = event.subject, event.id = %event.id, "a dead letter");
        sqlx::query(
            "insert into dead_letters (event_id, subject, payload, headers, error) values ($1, $2, $3, $4, $5)
             on conflict (event_id) do update set error = excluded.error, replay = false",
        )
        .bind(event.id)
        .bind(&event.subject)
        .bind(&event.payload[..])
        .bind(Json(&event.headers))
        .bind(error.to_string())
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// Applies each letter marked for replay; one that fails again stays, with its new error.
    async fn replay(&self) -> Result<(), Error> {
        type Letter = (Uuid, String, Vec<u8>, Json<HashMap<String, String>>);
        let letters: Vec<Letter> =
            sqlx::query_as("select event_id, subject, payload, headers from dead_letters where replay limit 100")
                .fetch_all(self.db.pool())
                .await?;
        for (id, subject, payload, Json(headers)) in letters {
            let event = Event { id, subject, payload: payload.into(), headers };
            match self.together(std::slice::from_ref(&event)).await {
                Ok(()) => {
                    sqlx::query("delete from dead_letters where event_id = $1")
                        .bind(id)
                        .execute(self.db.pool())
                        .await?;
                }
                // An outage: the letter stays marked, and is tried again.
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => self.bury(&event, &error).await?,
            }
        }
        Ok(())
    }
}

/// 0.2 s, 0.4 s, … up to half a minute.
fn backoff(delivered: i64) -> Duration {
    let doublings = u32::try_from(delivered.clamp(1, 10) - 1).unwrap_or(0);
    Duration::from_millis(200 * 2_u64.pow(doublings)).min(Duration::from_secs(30))
}
