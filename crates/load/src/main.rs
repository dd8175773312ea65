//! `load`: prepares a load of a running house, runs it, and tells what the machine can hash and what a price costs.
use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::bail;
use clap::{Parser, Subcommand};
use load::{
    access::Access,
    events::Events,
    hashing,
    measurement::{Measurement, Plan, measure},
    prepare::{Place, prepare},
    pricing,
    process::Watched,
    scenario::Scenario,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long a house may take that was filled just now.
const SETTLE: Duration = Duration::from_mins(20);

/// Loads a running house and tells what that costs.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Wait until a house has nothing left to do: a new one has receipts to give to all orders that were seeded.
    Settle {
        /// The house's PostgreSQL.
        #[arg(long, env = "PATRON_DATABASE_URL", hide_env_values = true)]
        database_url: String,
        /// The house's nats-server.
        #[arg(long, env = "PATRON_NATS_URL", hide_env_values = true)]
        nats_url: String,
    },
    /// Get from a house with a demo in it what a load of it needs.
    Prepare(Place),
    /// Load it: a table on stderr; with --json also a line for each measurement on stdout.
    Run(Run),
    /// Print how many Argon2id hashes a second this machine makes.
    Hash {
        /// For how long.
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
    /// Print what pricing a cart costs: a line of JSON for each size.
    Price {
        /// For how long each.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
    },
}

#[derive(clap::Args)]
struct Run {
    /// What `load prepare` wrote.
    #[arg(long, value_name = "FILE")]
    access: PathBuf,
    /// What to do; everything without it.
    #[arg(long, value_delimiter = ',')]
    scenario: Vec<Scenario>,
    /// How many do it at once.
    #[arg(long, value_delimiter = ',', default_value = "16,64")]
    connections: Vec<usize>,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// How long before anything counts.
    #[arg(long, default_value_t = 1.5)]
    warm_up: f64,
    /// Processes whose processor time is told; several may share a name, and `patron` is whose memory is told.
    #[arg(long, value_name = "NAME=PID", value_delimiter = ',')]
    watch: Vec<Watched>,
    /// Print the measurements on stdout.
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<()> {
    let command = Arguments::parse().command;
    // One thread: it shares the processors with what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Settle { database_url, nats_url } => {
                Events::of(&database_url, &nats_url).await?.settle(SETTLE).await.map(drop)
            }
            Command::Prepare(place) => prepare(&place).await,
            Command::Run(run) => load(&run).await,
            Command::Hash { seconds } => {
                println!("{:.1}", hashing::rate(Duration::from_secs_f64(seconds))?);
                Ok(())
            }
            Command::Price { seconds } => {
                for lines in pricing::LINES {
                    let nanoseconds = pricing::cost(lines, Duration::from_secs_f64(seconds))?.round();
                    println!("{}", serde_json::json!({ "lines": lines, "nanoseconds": nanoseconds }));
                }
                Ok(())
            }
        }
    })
}

async fn load(run: &Run) -> anyhow::Result<()> {
    let access = Arc::new(Access::read(&run.access)?);
    let scenarios = if run.scenario.is_empty() { Scenario::ALL.to_vec() } else { run.scenario.clone() };
    let mut errors = 0;
    for scenario in scenarios {
        for &connections in &run.connections {
            let warm_up = Duration::from_secs_f64(run.warm_up);
            let plan = Plan { scenario, connections, warm_up, duration: Duration::from_secs_f64(run.seconds) };
            let measurement = measure(&access, plan, &run.watch).await?;
            errors += measurement.errors;
            if run.json {
                println!("{}", serde_json::to_string(&measurement)?);
            }
            eprintln!("{}", line(&measurement));
        }
    }
    // Who reads the measurements finds them there.
    if errors > 0 && !run.json {
        bail!("{errors} flows failed");
    }
    Ok(())
}

/// A measurement for a reader.
fn line(measurement: &Measurement) -> String {
    let Measurement { connections, flows, per_second, p50_ms, p99_ms, max_ms, errors, .. } = measurement;
    let scenario = format!("{:?}", measurement.scenario);
    let line = format!(
        "{scenario:<15} {connections:>3}  {per_second:>8.1}/s  p50 {p50_ms:>7.2} ms  p99 {p99_ms:>7.2} ms  \
         max {max_ms:>7.1} ms  flows {flows}  errors {errors}"
    );
    let costs = measurement.processor_us.iter().map(|(name, spent)| format!("  {name} {spent:.0} µs"));
    let settled = measurement.settled_ms.map(|settled| format!("  events applied after {settled:.0} ms"));
    let error = measurement.error.as_ref().map(|error| format!("\n  first error: {error}"));
    [line].into_iter().chain(costs).chain(settled).chain(error).collect()
}
