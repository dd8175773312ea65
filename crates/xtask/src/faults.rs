//! `cargo xtask faults`: the long form of the fault harness, on a release build. Every test run has the short one.

use std::ffi::OsString;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::checkout::Checkout;
use crate::process;
use crate::progress::{self, Step};
use crate::test_servers::{self, TestServers};

/// What `cargo xtask faults` is asked for.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Only faults whose name contains this, such as `orders` or `killed`; several with commas between
    #[arg(long, default_value = "")]
    only: String,
    /// The short form, a few seconds of load for each fault
    #[arg(long)]
    short: bool,
}

/// Breaks one thing after the other under load; fails when anything is lost, doubled or answered wrongly.
pub fn faults(checkout: &Checkout, options: &Options) -> Result<()> {
    let _lock = test_servers::lock(checkout)?;
    let step = Step::begin("building a release");
    let programs = cargo::build(checkout, &["--release", "--package", "patron"])?;
    step.done("built");
    let patron = programs.get("patron").context("the build made no program")?;
    let servers = TestServers::provide(checkout)?;
    let report = checkout.state("faults.txt");
    let mut command = cargo::command(checkout);
    command.args(["test", "--package", "e2e", "--test", "faults", "--", "--nocapture"]);
    command.envs(servers.variables()).env("PATRON_BIN", patron).env("RUST_BACKTRACE", "0");
    command.env("PATRON_FAULTS", if options.short { "short" } else { "full" });
    command.env("PATRON_FAULTS_ONLY", OsString::from(&options.only)).env("PATRON_FAULTS_REPORT", &report);
    let status = process::status(&mut command)?;
    progress::say(&format!("the report is in {}", report.display()));
    if !status.success() {
        bail!("a fault did harm");
    }
    Ok(())
}
