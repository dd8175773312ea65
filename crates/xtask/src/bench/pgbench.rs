//! What PostgreSQL alone does here, by its own benchmark.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::checkout::Checkout;
use crate::postgres::{Binaries, Home, Running};
use crate::process;
use crate::progress::{self, Step};

/// Two million accounts: larger than caches of the processor, smaller than those of PostgreSQL.
const SCALE: &str = "20";
/// A database that every cluster has.
const DATABASE: &str = "postgres";

/// The program, with its tables made.
#[derive(Debug)]
pub struct Pgbench {
    program: PathBuf,
    url: String,
    log: PathBuf,
}

impl Pgbench {
    /// `None` where PostgreSQL came without it.
    pub fn provide(checkout: &Checkout, corner: &Checkout, postgres: &Running) -> Result<Option<Self>> {
        let logs = corner.directory("logs")?;
        let binaries = Binaries::provide(&Home::find(checkout)?, None, &logs.join("install.log"))?;
        let program = binaries.program("pgbench");
        if !program.is_file() {
            progress::warn(
                "this PostgreSQL came without pgbench: there will be no ratios to it, and goals set by it count as missed",
            );
            return Ok(None);
        }
        let pgbench = Self { program, url: postgres.url(DATABASE), log: logs.join("pgbench.log") };
        let marker = corner.state("pgbench-scale");
        if fs::read_to_string(&marker).is_ok_and(|scale| scale == SCALE) {
            return Ok(Some(pgbench));
        }
        let step = Step::begin("making the tables of pgbench");
        process::run_logged(&mut pgbench.command(&["-i", "-q", "-s", SCALE]), &pgbench.log)?;
        fs::write(marker, SCALE)?;
        step.done("made");
        Ok(Some(pgbench))
    }

    /// Transactions a second of reading one row.
    pub fn select(&self, clients: u32, seconds: u32) -> Result<f64> {
        self.rate(&["-S"], clients, seconds)
    }

    /// Transactions a second that change three rows and add one.
    pub fn tpcb(&self, clients: u32, seconds: u32) -> Result<f64> {
        self.rate(&[], clients, seconds)
    }

    fn rate(&self, kind: &[&str], clients: u32, seconds: u32) -> Result<f64> {
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        let mut command = self.command(kind);
        command.args(["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds]);
        process::run_logged(&mut command, &self.log)?;
        let said = fs::read_to_string(&self.log)?;
        parse(&said).with_context(|| format!("pgbench says no rate:\n{said}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("PGCONNECT_TIMEOUT", "10").current_dir("/");
        // The last argument is the database; a URL does, and keeps the password off no list that root does not see.
        command.env("PGDATABASE", &self.url);
        command
    }
}

/// The line `tps = 41234.5 (without initial connection time)`.
fn parse(said: &str) -> Option<f64> {
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rate.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_among_what_is_said() {
        let said =
            "scaling factor: 20\nlatency average = 1.5 ms\ntps = 41234.567890 (without initial connection time)\n";
        assert_eq!(parse(said), Some(41_234.567_89));
        assert_eq!(parse("pgbench: error: connection failed"), None);
    }
}
