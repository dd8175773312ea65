//! What was measured, as `.patron/bench.json` has it. Rates are per second, and of whole flows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::goal::Goal;

#[derive(Debug, Deserialize, Serialize)]
pub struct Report {
    pub machine: Machine,
    /// How many the store had when it was seeded.
    pub customers: u32,
    /// How long each measurement took.
    pub seconds: u32,
    pub limits: Limits,
    /// Of the function that prices carts, alone.
    #[serde(default)]
    pub prices: Vec<Price>,
    pub forms: Vec<FormReport>,
    pub goals: Vec<Goal>,
}

/// What it costs to price a cart with an offer, vouchers, tax and shipping.
#[derive(Debug, Deserialize, Serialize)]
pub struct Price {
    pub lines: u32,
    pub nanoseconds: f64,
}

#[derive(Debug, Deserialize, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_mib: u64,
}

/// What there is to be had.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Limits {
    /// Argon2id with a thread on each core.
    pub hashes: f64,
    /// Empty without pgbench.
    pub pgbench: Vec<PgbenchRates>,
}

#[derive(Debug, Deserialize, Serialize)]
pub struct PgbenchRates {
    pub clients: u32,
    /// `pgbench -S -M prepared`.
    pub select: f64,
    /// The same when everything else had been measured: how far the machine drifts.
    pub select_again: f64,
    /// `pgbench -M prepared`.
    pub tpcb: f64,
}

/// One way to run the house.
#[derive(Debug, Deserialize, Serialize)]
pub struct FormReport {
    /// `one` or `separate`.
    pub form: String,
    /// From the start of the first process until all are ready.
    pub ready_ms: f64,
    /// Resident memory of all processes, in bytes.
    pub memory_idle: u64,
    /// The most there was in any measurement.
    pub memory_loaded: u64,
    pub measurements: Vec<Measurement>,
}

/// One scenario at one number of connections, as the load program tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Measurement {
    pub scenario: String,
    pub connections: u32,
    pub seconds: f64,
    pub flows: u64,
    pub requests: u64,
    pub errors: u64,
    pub error: Option<String>,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Processor time for one flow: of `patron`, `postgres`, `nats` and `load`.
    pub processor_us: BTreeMap<String, f64>,
    pub memory: u64,
    /// From the last flow until all events were applied.
    pub settled_ms: Option<f64>,
}

impl Report {
    pub fn write(&self, file: &Path) -> Result<()> {
        Ok(fs::write(file, serde_json::to_string_pretty(self)? + "\n")?)
    }

    pub fn form(&self, form: &str) -> Option<&FormReport> {
        self.forms.iter().find(|report| report.form == form)
    }

    pub fn errors(&self) -> u64 {
        self.forms.iter().flat_map(|form| &form.measurements).map(|measurement| measurement.errors).sum()
    }
}

impl FormReport {
    pub fn find(&self, scenario: &str, connections: u32) -> Option<&Measurement> {
        let is_it = |measured: &&Measurement| measured.scenario == scenario && measured.connections == connections;
        self.measurements.iter().find(is_it)
    }

    pub fn of<'a>(&'a self, scenario: &'a str) -> impl Iterator<Item = &'a Measurement> {
        self.measurements.iter().filter(move |measurement| measurement.scenario == scenario)
    }
}

impl Limits {
    pub fn with(&self, clients: u32) -> Option<&PgbenchRates> {
        self.pgbench.iter().find(|rates| rates.clients == clients)
    }

    /// What a scenario is compared with, and the rate of that.
    pub fn of(&self, scenario: &str, connections: u32) -> Option<(&'static str, f64)> {
        let rates = self.with(connections);
        match scenario {
            "login" | "login_wrong" | "login_unknown" => Some(("Argon2id", self.hashes)),
            "cart_line" | "purchase" => Some(("TPC-B", rates?.tpcb)),
            _ => Some(("select", rates?.select)),
        }
    }
}

impl Machine {
    pub fn here() -> Self {
        let field = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
            line.split_once(':').map_or(String::new(), |(_, value)| value.trim().to_owned())
        };
        let memory = field("/proc/meminfo", "MemTotal");
        Self {
            processor: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024,
        }
    }
}
