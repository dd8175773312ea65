//! The commands of a developer of Patron: `cargo xtask up | test | bench | faults | services | deny`.

mod bench;
mod browser;
mod cargo;
mod checkout;
mod daemon;
mod deny;
mod faults;
mod interrupt;
mod nats;
mod ports;
mod postgres;
mod process;
mod progress;
mod secret;
mod services;
mod test;
mod test_servers;
mod tools;
mod up;
mod version;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::checkout::Checkout;

/// Runs and tests Patron on this machine. Servers it needs are found or installed, and run
/// privately under `.patron/`.
///
/// `PATRON_TOOLS` tells where they may come from: `any` (the default: what is installed, then
/// Debian's packages, then wheels), `installed`, or `wheels`.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything with a demo in it, until Ctrl-C
    Up(up::Options),
    /// Run every test, with all they need
    Test(test::Options),
    /// Measure how fast everything is, beside the limits of this machine
    Bench(bench::Options),
    /// Break each part of the house under load, and see that nothing is lost or doubled
    Faults(faults::Options),
    /// Start the servers that tests need and leave them running
    Services {
        /// Stop them instead
        #[arg(long)]
        stop: bool,
    },
    /// Check licences, banned crates and sources of dependencies by .deny.toml
    Deny,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupt::requested() => {
            eprintln!("interrupted");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    interrupt::listen()?;
    let checkout = Checkout::here()?;
    match task {
        Task::Up(options) => up::up(&checkout, options),
        Task::Test(options) => test::test(&checkout, &options),
        Task::Bench(options) => bench::bench(&checkout, &options),
        Task::Faults(options) => faults::faults(&checkout, &options),
        Task::Services { stop: false } => services::start(&checkout),
        Task::Services { stop: true } => services::stop(&checkout),
        Task::Deny => deny::deny(&checkout),
    }
}
