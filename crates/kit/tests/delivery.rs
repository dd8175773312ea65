//! Events from the outbox of one service to the inbox of another, over a real broker that dies and loses its disk.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kit::{
    Db, Error, Tx,
    clock::Clock,
    inbox::{Consumer, Event},
    outbox,
    pool::Pool,
    service::{Env, Service},
};
use proto::orders::v1::{OrderPlaced, PaymentFailed};
use sqlx::migrate::Migrator;
use testing::{Broker, database, rig::settings};
use tokio_util::sync::CancellationToken;

static TABLES: Migrator = sqlx::migrate!("tests/migrations");

/// A publisher (`orders`) and a consumer (`customers`) with their tasks running in one or more processes.
struct Pair {
    broker: Broker,
    database: String,
    orders: Db,
    customers: Db,
    broken: Arc<AtomicBool>,
    stop: CancellationToken,
}

/// Counts how often it was applied; refuses while `broken`.
struct Counter {
    broken: Arc<AtomicBool>,
}

impl Consumer for Counter {
    const SOURCES: &'static [&'static str] = &["orders"];

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        let Some(placed) = event.read::<OrderPlaced>()? else { return Ok(()) };
        sqlx::query("insert into seen values ($1, 1) on conflict (product) do update set times = seen.times + 1")
            .bind(&placed.order)
            .execute(&mut **tx)
            .await?;
        if self.broken.load(Ordering::Relaxed) && placed.order == "bad" {
            return Err(Error::Internal("a defect of the test".to_owned()));
        }
        assert!(!self.broken.load(Ordering::Relaxed) || placed.order != "worse", "a panic of the test");
        Ok(())
    }
}

impl Pair {
    async fn start() -> anyhow::Result<Self> {
        testing::log();
        let broker = Broker::start()?;
        let url = database::fresh(&[("orders", &TABLES), ("customers", &TABLES)]).await?;
        let broken = Arc::new(AtomicBool::new(false));
        let (orders, customers, stop) = process(&url, &broker.url(), &broken).await?;
        Ok(Self { broker, database: url, orders, customers, broken, stop })
    }

    async fn place(&self, order: &str) -> Result<(), Error> {
        let mut tx = self.orders.begin_own().await?;
        outbox::publish(&mut tx, &OrderPlaced { order: order.to_owned(), ..OrderPlaced::default() });
        tx.commit().await
    }

    /// Waits until the consumer has seen exactly these, each once.
    async fn sees(&self, orders: &[&str]) -> anyhow::Result<()> {
        let expected: Vec<(String, i32)> = orders.iter().map(|order| ((*order).to_owned(), 1)).collect();
        let query = "select product, times from seen order by product";
        let seen = until(self.customers.pool(), query, |seen: &[(String, i32)]| seen.len() >= expected.len()).await?;
        anyhow::ensure!(seen == expected, "{seen:?} instead of {expected:?}");
        Ok(())
    }
}

/// Runs both services as one more process would; they end with the token.
async fn process(
    database: &str,
    broker: &str,
    broken: &Arc<AtomicBool>,
) -> anyhow::Result<(Db, Db, CancellationToken)> {
    let clock = Clock::system(chrono::TimeDelta::zero());
    let env = Env::new(settings(database, broker), clock, &["orders", "customers"]).await?;
    let (orders, customers) = (env.db("orders")?, env.db("customers")?);
    let counter = Counter { broken: Arc::clone(broken) };
    let services = [
        Service::new("orders").database(&env, &orders),
        Service::new("customers").database(&env, &customers).consumer(&env, &customers, counter),
    ];
    let stop = CancellationToken::new();
    for task in services.into_iter().flat_map(|service| service.tasks) {
        tokio::spawn(task(stop.clone()));
    }
    Ok((orders, customers, stop))
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Asks until the rows are as wanted, or half a minute has passed; answers them either way.
async fn until<T>(pool: &Pool, query: &'static str, wanted: impl Fn(&[T]) -> bool) -> anyhow::Result<Vec<T>>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
{
    let started = Instant::now();
    loop {
        let rows: Vec<T> = sqlx::query_as(query).fetch_all(pool).await?;
        if wanted(&rows) || started.elapsed() > Duration::from_secs(30) {
            return Ok(rows);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// PL-2: what was committed arrives, in order and once; what was rolled back never does.
#[tokio::test]
async fn what_was_committed_arrives() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    pair.place("a").await?;
    let mut undone = pair.orders.begin_own().await?;
    outbox::publish(&mut undone, &OrderPlaced { order: "never".to_owned(), ..OrderPlaced::default() });
    drop(undone);
    pair.place("b").await?;
    pair.sees(&["a", "b"]).await
}

/// Of a stream of events many share a transaction: no two begin within a tenth of a second.
#[tokio::test]
async fn many_share_a_transaction() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    pair.place("00").await?;
    pair.sees(&["00"]).await?;
    let began = Instant::now();
    let names: Vec<String> = (0..=80).map(|number| format!("{number:02}")).collect();
    for name in &names[1..] {
        pair.place(name).await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    pair.sees(&names.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let most = i64::try_from(began.elapsed().as_millis() / 100)? + 2;
    let batches: i64 =
        sqlx::query_scalar("select count(distinct applied_at) from inbox").fetch_one(pair.customers.pool()).await?;
    anyhow::ensure!(batches <= most, "{batches} transactions where {most} would have done");
    Ok(())
}

/// Who has much to catch up with does not wait between transactions that are full.
#[tokio::test]
async fn a_backlog_is_not_held_back() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    let mut tx = pair.orders.begin_own().await?;
    for number in 0..2_000 {
        outbox::publish(&mut tx, &OrderPlaced { order: format!("{number:04}"), ..OrderPlaced::default() });
    }
    tx.commit().await?;
    until(pair.customers.pool(), "select product, times from seen", |seen: &[(String, i32)]| seen.len() == 2_000)
        .await?;
    let sizes: Vec<i64> = sqlx::query_scalar("select count(*) from inbox group by applied_at order by applied_at")
        .fetch_all(pair.customers.pool())
        .await?;
    anyhow::ensure!(sizes.iter().sum::<i64>() == 2_000, "{sizes:?}");
    anyhow::ensure!(sizes.contains(&200), "none of them was full: {sizes:?}");
    Ok(())
}

/// PL-1: of several processes of a service one at a time carries events, and all share in applying them, each once; when
/// the one that carries ends, another takes over.
#[tokio::test]
async fn another_process_takes_over() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    pair.place("a").await?;
    pair.sees(&["a"]).await?;
    let (_, _, other) = process(&pair.database, &pair.broker.url(), &pair.broken).await?;
    pair.place("b").await?;
    pair.sees(&["a", "b"]).await?;
    pair.stop.cancel();
    pair.place("c").await?;
    pair.sees(&["a", "b", "c"]).await?;
    other.cancel();
    Ok(())
}

/// PL-2: while the broker is down commits go on; afterwards everything arrives.
#[tokio::test]
async fn a_broker_that_was_away_gets_everything() -> anyhow::Result<()> {
    let mut pair = Pair::start().await?;
    pair.place("a").await?;
    pair.sees(&["a"]).await?;
    pair.broker.kill()?;
    pair.place("b").await?;
    pair.place("c").await?;
    pair.broker.revive()?;
    pair.sees(&["a", "b", "c"]).await
}

/// PL-2: a broker that lost its disk gets again what it had acknowledged; nobody applies an event twice.
#[tokio::test]
async fn a_broker_that_lost_its_disk_is_filled_again() -> anyhow::Result<()> {
    let mut pair = Pair::start().await?;
    for order in ["a", "b", "c"] {
        pair.place(order).await?;
    }
    pair.sees(&["a", "b", "c"]).await?;
    pair.broker.lose_disk()?;
    // The consumer must have been given nothing of the second delivery for it to count: forget one event.
    sqlx::query("delete from seen where product = 'b'").execute(pair.customers.pool()).await?;
    sqlx::query("delete from inbox where event_id in (select event_id from orders.outbox where id = 2)")
        .execute(pair.customers.pool())
        .await?;
    pair.broker.revive()?;
    pair.place("d").await?;
    pair.sees(&["a", "b", "c", "d"]).await
}

/// PL-2: an event that keeps failing, or makes its consumer panic, becomes a dead letter, holds up nothing else, and is applied when it is replayed.
#[tokio::test]
async fn a_dead_letter_is_kept_and_replayed() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    pair.broken.store(true, Ordering::Relaxed);
    pair.place("bad").await?;
    pair.place("worse").await?;
    pair.place("good").await?;
    pair.sees(&["good"]).await?;
    let query = "select subject, error from dead_letters";
    let letters: Vec<(String, String)> = until(pair.customers.pool(), query, |letters| letters.len() == 2).await?;
    assert_eq!(
        letters.iter().map(|(subject, _)| subject.as_str()).collect::<Vec<_>>(),
        ["patron.orders.v1.OrderPlaced"; 2]
    );
    pair.broken.store(false, Ordering::Relaxed);
    sqlx::query("update dead_letters set replay = true").execute(pair.customers.pool()).await?;
    pair.sees(&["bad", "good", "worse"]).await?;
    let left: Vec<(String,)> =
        until(pair.customers.pool(), "select subject from dead_letters", <[_]>::is_empty).await?;
    assert!(left.is_empty());
    Ok(())
}

/// An event of another kind passes without an effect and without an error.
#[tokio::test]
async fn other_events_pass() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    let mut tx = pair.orders.begin_own().await?;
    outbox::publish(&mut tx, &PaymentFailed::default());
    tx.commit().await?;
    pair.place("a").await?;
    pair.sees(&["a"]).await?;
    let applied: Vec<(i64,)> =
        until(pair.customers.pool(), "select count(*) from inbox", |count| count == [(2,)]).await?;
    assert_eq!(applied, [(2,)]);
    Ok(())
}

/// DESIGN §8: the notification is not part of the transaction, or commits would wait for each other.
#[tokio::test]
async fn publishing_notifies_after_the_commit_only() -> anyhow::Result<()> {
    let pair = Pair::start().await?;
    let mut listener = sqlx::postgres::PgListener::connect_with(&pair.orders.apart()).await?;
    listener.listen("orders_outbox").await?;
    let mut tx = pair.orders.begin_own().await?;
    outbox::publish(&mut tx, &OrderPlaced::default());
    // Were it sent within, this connection would hold the queue's lock, and no other could commit a notification.
    sqlx::query("select pg_notify('other', '')").execute(pair.orders.pool()).await?;
    tx.commit().await?;
    let woken = tokio::time::timeout(Duration::from_secs(10), listener.recv()).await??;
    assert_eq!(woken.channel(), "orders_outbox");
    Ok(())
}
