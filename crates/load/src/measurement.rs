//! One scenario at one number of connections, measured.
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};

use crate::{
    access::Access,
    events::Events,
    process::Watched,
    scenario::{Scenario, Visitor},
};

/// The name under which the processes of the house are watched, whose memory is told.
const HOUSE: &str = "patron";
/// How often memory is looked at.
const GLANCE: Duration = Duration::from_millis(200);

/// What is to be measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What is done.
    pub scenario: Scenario,
    /// How many do it at once.
    pub connections: usize,
    /// How long before anything counts.
    pub warm_up: Duration,
    /// How long it counts.
    pub duration: Duration,
}

/// What was measured. Rates and times are of whole flows.
#[derive(Debug, Serialize)]
pub struct Measurement {
    /// What was done.
    pub scenario: Scenario,
    /// How many did it at once.
    pub connections: usize,
    /// How long it counted, in seconds.
    pub seconds: f64,
    /// Rounds that were finished.
    pub flows: u64,
    /// Requests that they took.
    pub requests: u64,
    /// Rounds that failed, those of the warm-up included.
    pub errors: u64,
    /// What the first that failed was answered.
    pub error: Option<String>,
    /// Rounds a second.
    pub per_second: f64,
    /// Half of them took at most this long.
    pub p50_ms: f64,
    /// All but one in a hundred took at most this long.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// Processor time of each watched process, and of this one as `load`, for one round.
    pub processor_us: BTreeMap<String, f64>,
    /// Most resident memory that the processes of the house had together, in bytes.
    pub memory: u64,
    /// How long after the last round every event was applied.
    pub settled_ms: Option<f64>,
}

/// What one connection, or all of them, have seen.
struct Tally {
    times: Histogram<u64>,
    requests: u64,
    errors: u64,
    error: Option<String>,
}

/// How long events may take to be applied.
const PATIENCE: Duration = Duration::from_mins(2);

/// Loads the house by `plan` and looks at what that costs.
pub async fn measure(access: &Arc<Access>, plan: Plan, watched: &[Watched]) -> anyhow::Result<Measurement> {
    let watched: Vec<Watched> = watched.iter().cloned().chain([this()]).collect();
    let start = Instant::now() + plan.warm_up;
    let mut loops = JoinSet::new();
    for seat in 0..plan.connections {
        loops.spawn(visit(Arc::clone(access), plan, (seat, start)));
    }
    sleep_until(start.into()).await;
    let before = processor_times(&watched)?;
    let memory = most_memory(&watched, start + plan.duration).await;
    let after = processor_times(&watched)?;
    let mut tally = Tally::new()?;
    while let Some(seen) = loops.join_next().await {
        tally.add(seen??)?;
    }
    let settled = if plan.scenario.has_events() {
        Some(Events::of(&access.database_url, &access.nats_url).await?.settle(PATIENCE).await?)
    } else {
        None
    };
    Ok(tally.measurement(plan, (&before, &after), memory, settled))
}

fn this() -> Watched {
    Watched { name: "load".to_owned(), pid: std::process::id() }
}

/// One connection, from the warm-up to the end.
async fn visit(access: Arc<Access>, plan: Plan, (seat, start): (usize, Instant)) -> anyhow::Result<Tally> {
    let end = start + plan.duration;
    let mut tally = Tally::new()?;
    let mut visitor = Visitor::arrive(&access, (seat, plan.connections)).await?;
    loop {
        let began = Instant::now();
        if began >= end {
            return Ok(tally);
        }
        let sent = visitor.requests;
        let flow = plan.scenario.flow(&mut visitor).await;
        let now = Instant::now();
        if let Err(error) = flow {
            tally.fail(format!("{error:#}"));
            sleep(Duration::from_millis(50)).await;
            if let Err(error) = visitor.reconnect().await {
                tally.fail(format!("{error:#}"));
            }
        } else if now >= start && now < end {
            tally.requests += visitor.requests - sent;
            tally.times.saturating_record(u64::try_from((now - began).as_micros())?);
        }
    }
}

fn processor_times(watched: &[Watched]) -> anyhow::Result<BTreeMap<String, Duration>> {
    let mut times: BTreeMap<String, Duration> = BTreeMap::new();
    for process in watched {
        *times.entry(process.name.clone()).or_default() += process.processor_time()?;
    }
    Ok(times)
}

/// Looks now and then until `end`.
async fn most_memory(watched: &[Watched], end: Instant) -> u64 {
    let house = || watched.iter().filter(|process| process.name == HOUSE).map(Watched::memory).sum();
    let mut most: u64 = house();
    while Instant::now() < end {
        sleep_until((Instant::now() + GLANCE).min(end).into()).await;
        most = most.max(house());
    }
    most
}

impl Tally {
    /// Up to a minute, to three digits, in microseconds.
    fn new() -> anyhow::Result<Self> {
        Ok(Self { times: Histogram::new_with_bounds(1, 60_000_000, 3)?, requests: 0, errors: 0, error: None })
    }

    fn fail(&mut self, error: String) {
        self.errors += 1;
        self.error.get_or_insert(error);
    }

    fn add(&mut self, other: Self) -> anyhow::Result<()> {
        self.times.add(&other.times)?;
        self.requests += other.requests;
        self.errors += other.errors;
        self.error = self.error.take().or(other.error);
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of seconds, far below what a double holds")]
    fn measurement(
        self,
        plan: Plan,
        (before, after): (&BTreeMap<String, Duration>, &BTreeMap<String, Duration>),
        memory: u64,
        settled: Option<Duration>,
    ) -> Measurement {
        let (flows, seconds) = (self.times.len(), plan.duration.as_secs_f64());
        let milliseconds = |quantile: f64| self.times.value_at_quantile(quantile) as f64 / 1000.0;
        let cost = |(name, after): (&String, &Duration)| {
            let spent = after.saturating_sub(before.get(name).copied().unwrap_or_default());
            (name.clone(), spent.as_secs_f64() * 1e6 / flows.max(1) as f64)
        };
        Measurement {
            scenario: plan.scenario,
            connections: plan.connections,
            seconds,
            flows,
            requests: self.requests,
            errors: self.errors,
            error: self.error,
            per_second: flows as f64 / seconds,
            p50_ms: milliseconds(0.5),
            p99_ms: milliseconds(0.99),
            max_ms: milliseconds(1.0),
            processor_us: after.iter().map(cost).collect(),
            memory,
            settled_ms: settled.map(|settled| settled.as_secs_f64() * 1000.0),
        }
    }
}
