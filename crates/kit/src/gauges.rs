//! What waits and what is used, told every few seconds by every process: a reading never outlives who took it, as it
//! would if only the holder of the relay told. The same figure from several processes is one figure: take the maximum.
use std::time::Duration;

use async_nats::jetstream::{self, consumer::PullConsumer};
use tokio_util::sync::CancellationToken;

use crate::{db::Db, inbox, outbox};

/// How often all of it is read.
const EVERY: Duration = Duration::from_secs(5);

/// Tells of the service's pool, outbox and dead letters until `stop`.
pub async fn database(db: Db, stop: CancellationToken) {
    let service = db.service();
    // Counters exist before their first event, or the step from nothing to one would be no increase.
    metrics::counter!("outbox_published_total", "service" => service).increment(0);
    metrics::counter!("dead_letters_total", "service" => service).increment(0);
    while !stop.is_cancelled() {
        pool(&db);
        if let Err(error) = waiting(&db).await {
            tracing::debug!(error.detail = %error, service, "what waits could not be counted");
        }
        stop.run_until_cancelled(tokio::time::sleep(EVERY)).await;
    }
}

/// Tells until `stop` how many events of `source` the service has not taken yet, and how many it holds unacknowledged,
/// with so many consumers.
pub async fn consumer(
    db: Db,
    broker: jetstream::Context,
    (source, count): (&'static str, usize),
    stop: CancellationToken,
) {
    metrics::counter!("inbox_applied_total", "service" => db.service()).increment(0);
    while !stop.is_cancelled() {
        if let Some(Err(error)) = stop.run_until_cancelled(lag(&db, &broker, (source, count))).await {
            tracing::debug!(error.detail = format!("{error:#}"), service = db.service(), source, "no consumer to ask");
        }
        stop.run_until_cancelled(tokio::time::sleep(EVERY)).await;
    }
}

fn pool(db: &Db) {
    let service = db.service();
    let [size, idle, most] = db.pool().usage().map(|count| reading(i64::try_from(count).unwrap_or(i64::MAX)));
    metrics::gauge!("db_connections", "service" => service, "state" => "idle").set(idle);
    metrics::gauge!("db_connections", "service" => service, "state" => "used").set(size - idle);
    metrics::gauge!("db_connections_max", "service" => service).set(most);
}

async fn waiting(db: &Db) -> Result<(), sqlx::Error> {
    let (depth, age, letters): (i64, f64, i64) = sqlx::query_as(
        "select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8,
            (select count(*) from dead_letters)
         from outbox where published_at is null",
    )
    .fetch_one(db.pool())
    .await?;
    metrics::gauge!("outbox_depth", "service" => db.service()).set(reading(depth));
    metrics::gauge!("outbox_age_seconds", "service" => db.service()).set(age);
    metrics::gauge!("dead_letters_waiting", "service" => db.service()).set(reading(letters));
    Ok(())
}

async fn lag(db: &Db, broker: &jetstream::Context, (source, count): (&'static str, usize)) -> anyhow::Result<()> {
    let service = db.service();
    let stream = broker.get_stream(outbox::stream(source).name).await?;
    let (mut pending, mut held) = (0, 0);
    for place in 0..count {
        let consumer = stream.get_consumer(&inbox::durable(service, place)).await;
        let consumer: PullConsumer = consumer.map_err(|e| anyhow::anyhow!(e))?;
        pending += i64::try_from(consumer.cached_info().num_pending)?;
        held += i64::try_from(consumer.cached_info().num_ack_pending)?;
    }
    let labels = [("service", service), ("source", source)];
    metrics::gauge!("inbox_pending", &labels).set(reading(pending));
    metrics::gauge!("inbox_unacknowledged", &labels).set(reading(held));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn reading(count: i64) -> f64 {
    count as f64
}
