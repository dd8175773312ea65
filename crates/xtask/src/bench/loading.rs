//! The load program, a process of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use super::ground::Ground;
use super::report::{Measurement, Price};
use crate::checkout::Checkout;
use crate::process;

/// The program and what it knows of the house.
#[derive(Debug)]
pub struct Loading {
    program: PathBuf,
    demo: PathBuf,
    access: PathBuf,
    measured: PathBuf,
    log: PathBuf,
}

/// What is measured of a house.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Everything, when there is none.
    pub scenarios: &'a [String],
    pub connections: &'a [u32],
    pub seconds: u32,
}

impl Loading {
    pub fn new(corner: &Checkout, program: &Path) -> Result<Self> {
        Ok(Self {
            program: program.to_path_buf(),
            demo: corner.state("demo.json"),
            access: corner.state("access.json"),
            measured: corner.state("measured.jsonl"),
            log: corner.directory("logs")?.join("prepare.log"),
        })
    }

    /// Waits until the running house has nothing left to do.
    pub fn settle(&self, ground: &Ground) -> Result<()> {
        process::run(self.beside(ground).arg("settle"))
    }

    /// Gets from the running house what a load of it needs.
    pub fn prepare(&self, ground: &Ground) -> Result<()> {
        let mut command = self.beside(ground);
        command.args(["prepare", "--demo"]).arg(&self.demo).arg("--access").arg(&self.access);
        process::run_logged(&mut command, &self.log)
    }

    /// The program, which knows where the house keeps what it has.
    fn beside(&self, ground: &Ground) -> Command {
        let mut command = Command::new(&self.program);
        command.env("PATRON_DATABASE_URL", ground.postgres.url("patron")).env("PATRON_NATS_URL", ground.nats.url());
        command
    }

    /// Loads the house, whose processes have these `pids`. A table grows on the terminal meanwhile.
    pub fn run(&self, wanted: &Wanted<'_>, ground: &Ground, pids: &[u32]) -> Result<Vec<Measurement>> {
        let mut command = self.command(wanted, ground, pids);
        command.arg("--json").stdout(File::create(&self.measured)?);
        process::run(&mut command)?;
        each(&fs::read_to_string(&self.measured)?).context("the load is not understood")
    }

    fn command(&self, wanted: &Wanted<'_>, ground: &Ground, pids: &[u32]) -> Command {
        let connections: Vec<_> = wanted.connections.iter().map(u32::to_string).collect();
        let mut watched: Vec<_> = pids.iter().map(|pid| format!("patron={pid}")).collect();
        watched.push(format!("postgres={}", ground.postgres.daemon.pid()));
        watched.push(format!("nats={}", ground.nats.daemon.pid()));
        let mut command = Command::new(&self.program);
        command.arg("run").arg("--access").arg(&self.access);
        command.args(["--connections", &connections.join(","), "--watch", &watched.join(",")]);
        command.args(["--seconds", &wanted.seconds.to_string()]);
        if !wanted.scenarios.is_empty() {
            command.args(["--scenario", &wanted.scenarios.join(",")]);
        }
        command
    }

    /// Argon2id hashes a second.
    pub fn hashes(&self) -> Result<f64> {
        let answer = process::answer(Command::new(&self.program).args(["hash", "--seconds", "5"]));
        answer.and_then(|rate| rate.parse().ok()).context("the load program cannot hash")
    }

    /// What pricing carts costs.
    pub fn prices(&self) -> Result<Vec<Price>> {
        let told = process::answer(Command::new(&self.program).arg("price")).context("carts cannot be priced")?;
        each(&told).context("prices are not understood")
    }

    /// How to run it by hand, for a house that is kept.
    pub fn by_hand(&self, ground: &Ground, pids: &[u32]) -> String {
        let wanted = Wanted { scenarios: &["customer".to_owned()], connections: &[64], seconds: 8 };
        let command = self.command(&wanted, ground, pids);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        format!("{} {}", self.program.display(), words.join(" "))
    }
}

/// Reads what is told a line each.
fn each<T: DeserializeOwned>(lines: &str) -> serde_json::Result<Vec<T>> {
    lines.lines().map(serde_json::from_str).collect()
}
