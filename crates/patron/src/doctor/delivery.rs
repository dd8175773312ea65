//! How far events have come: what waits in outboxes, how far consumers are, which letters are dead.
use std::{collections::HashMap, time::Duration};

use async_nats::jetstream::{ErrorCode, context::GetStreamErrorKind};
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    db,
    inbox::{self, Consumer},
    outbox,
    service::Env,
};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::report::{Position, Report};
use crate::{SERVICES, migrators};

/// How long the broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Dead letters named.
const NAMED: i64 = 20;

/// Until when everything that happened should be known everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// The present.
    pub now: DateTime<Utc>,
    /// What happened until then is not under way any more.
    pub until: DateTime<Utc>,
    /// Whether something has been under way for longer than it may.
    pub blocked: bool,
}

/// What is under way from each service.
pub struct Deliveries {
    grace: TimeDelta,
    oldest: HashMap<&'static str, DateTime<Utc>>,
}

/// Who listens to `source`: by what names the broker knows them.
fn listeners(source: &str) -> Vec<(&'static str, String)> {
    fn of<C: Consumer>(service: &'static str, source: &str) -> Vec<(&'static str, String)> {
        let places = if C::SOURCES.contains(&source) { C::events(source).len() } else { 0 };
        (0..places).map(|place| (service, inbox::durable(service, place))).collect()
    }
    [
        of::<identity::consumer::Events>("identity", source),
        of::<customers::consumer::Events>("customers", source),
        of::<catalog::consumer::Events>("catalog", source),
        of::<carts::consumer::Events>("carts", source),
        of::<orders::consumer::Events>("orders", source),
        of::<notifications::consumer::Events>("notifications", source),
        of::<reviews::consumer::Events>("reviews", source),
    ]
    .concat()
}

impl Deliveries {
    /// Looks at all outboxes and consumers, and reports what is stuck.
    pub async fn look(env: &Env, grace: Duration, report: &mut Report) -> anyhow::Result<Self> {
        let mut all = Self { grace: TimeDelta::from_std(grace)?, oldest: HashMap::new() };
        let reachable = tokio::time::timeout(PATIENCE, env.nats().flush()).await.is_ok_and(|flushed| flushed.is_ok());
        if !reachable {
            report.note("broker", "broker_unreachable", 1, Vec::new());
        }
        for (service, _) in migrators(&SERVICES) {
            let options = db::options(&env.settings.database(service), service)?;
            let mut connection = PgConnection::connect_with(&options).await?;
            dead_letters(&mut connection, service, report).await?;
            all.outbox(&mut connection, (service, env.clock.now()), report).await?;
            if reachable {
                all.consumers(env, &mut connection, service, report).await?;
            } else {
                // Nobody can say what has arrived, so nothing counts as missing.
                all.under_way(service, Some(DateTime::UNIX_EPOCH));
            }
            connection.close().await?;
        }
        Ok(all)
    }

    /// Until when facts of `source` count, at `now`.
    pub fn horizon(&self, source: &str, now: DateTime<Utc>) -> Horizon {
        let oldest = self.oldest.get(source).copied().unwrap_or(now).min(now);
        Horizon { now, until: oldest - self.grace, blocked: now - oldest > self.grace }
    }

    async fn outbox(
        &mut self,
        connection: &mut PgConnection,
        (service, now): (&'static str, DateTime<Utc>),
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let (waiting, oldest): (i64, Option<DateTime<Utc>>) =
            sqlx::query_as("select count(*), min(created_at) from outbox where published_at is null")
                .fetch_one(connection)
                .await?;
        self.under_way(service, oldest);
        report.position(Position { source: service, consumer: None, waiting });
        if oldest.is_some_and(|oldest| now - oldest > self.grace) {
            report.note(service, "outbox_waiting", waiting, Vec::new());
        }
        Ok(())
    }

    async fn consumers(
        &mut self,
        env: &Env,
        connection: &mut PgConnection,
        source: &'static str,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let broker = env.broker();
        let stream = match broker.get_stream(outbox::stream(source).name).await {
            Ok(stream) => stream,
            // Without a stream nothing was ever published.
            Err(error) if is_unknown(&error.kind()) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for (consumer, durable) in listeners(source) {
            let Ok(info) = stream.consumer_info(&durable).await else {
                report.note(consumer, "consumer_missing", 1, vec![source.to_owned()]);
                continue;
            };
            let waiting = i64::try_from(info.num_pending)? + i64::try_from(info.num_ack_pending)?;
            report.position(Position { source, consumer: Some(consumer), waiting });
            if waiting == 0 {
                continue;
            }
            let floor = i64::try_from(info.ack_floor.stream_sequence)?;
            let oldest = oldest_after(connection, floor, &info.config.filter_subject).await?;
            self.under_way(source, oldest);
            if oldest.is_some_and(|oldest| env.clock.now() - oldest > self.grace) {
                report.note(consumer, "consumer_behind", waiting, vec![source.to_owned()]);
            }
        }
        Ok(())
    }

    fn under_way(&mut self, source: &'static str, since: Option<DateTime<Utc>>) {
        if let Some(since) = since {
            let oldest = self.oldest.entry(source).or_insert(since);
            *oldest = since.min(*oldest);
        }
    }
}

fn is_unknown(error: &GetStreamErrorKind) -> bool {
    matches!(error, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// When the first event of these subjects was written that lies behind `floor` in the stream. What somebody does not listen
/// to never moves their floor, and is not waited for.
async fn oldest_after(
    connection: &mut PgConnection,
    floor: i64,
    subjects: &str,
) -> anyhow::Result<Option<DateTime<Utc>>> {
    let sql = "select min(created_at) from outbox where stream_seq > $1 and subject like $2";
    let subjects = subjects.replace(['*', '>'], "%");
    Ok(sqlx::query_scalar(sql).bind(floor).bind(subjects).fetch_one(connection).await?)
}

async fn dead_letters(connection: &mut PgConnection, service: &'static str, report: &mut Report) -> anyhow::Result<()> {
    let count: i64 = sqlx::query_scalar("select count(*) from dead_letters").fetch_one(&mut *connection).await?;
    if count > 0 {
        let ids: Vec<Uuid> = sqlx::query_scalar("select event_id from dead_letters order by failed_at limit $1")
            .bind(NAMED)
            .fetch_all(connection)
            .await?;
        report.note(service, "dead_letter", count, ids.iter().map(Uuid::to_string).collect());
    }
    Ok(())
}
