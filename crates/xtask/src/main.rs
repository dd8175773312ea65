//! The commands of a developer of Patron: `cargo xtask up | test | services | deny`.

mod cargo;
mod checkout;
mod daemon;
mod interrupt;
mod nats;
mod ports;
mod postgres;
mod process;
mod progress;
mod secret;
mod services;
mod test_servers;
mod tools;
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
    /// Start the servers that tests need and leave them running
    Services {
        /// Stop them instead
        #[arg(long)]
        stop: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
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
        Task::Services { stop: false } => services::start(&checkout),
        Task::Services { stop: true } => services::stop(&checkout),
    }
}
