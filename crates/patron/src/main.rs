//! `patron`: runs one, several or all services, migrates, seeds, and looks after dead letters.
mod owner;
mod ready;
mod rotate_keys;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};
use house::{dead_letters, demo, doctor, reseal, seed};
use kit::{ids::StoreId, service::Env, settings::Settings, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of a worker's stack. A request that several services of one process work on is one stack: 0.5 MB at most when
/// optimised, but 1.9 MB when not, close to the 2 MB that threads have otherwise. What is not used takes no memory.
const STACK: usize = 8 << 20;

/// The customer side of a store.
#[derive(Parser)]
#[command(version, about)]
struct Patron {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run services: all of them, or those named, until told to stop.
    Run {
        /// identity customers catalog carts orders notifications reviews gateway console
        services: Vec<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring the database up to date; safe to run from several places at once.
    Migrate {
        /// Only these services.
        services: Vec<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Fill the database: a demo to try things with, or any number of realistic customers.
    Seed {
        /// Make the demo (stores, a network, products, staff, people) and describe it in this file.
        #[arg(long, value_name = "FILE")]
        demo: Option<PathBuf>,
        /// How many customers to make, with carts, orders and reviews.
        #[arg(long)]
        customers: Option<u32>,
        /// Which store they buy from; the first one by default.
        #[arg(long)]
        store: Option<StoreId>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Ask the process that runs here whether it is ready; for health checks of containers.
    Ready {
        /// Where it answers operators.
        #[arg(long, env = "PATRON_OPS_LISTEN", default_value = "127.0.0.1:8082")]
        ops_listen: SocketAddr,
        /// Certificate that it shows there.
        #[arg(long, env = "PATRON_TLS_CERT", value_name = "FILE")]
        tls_cert: Option<PathBuf>,
    },
    /// Seal what is kept for long with the first secret, before the former one is dropped; safe while services run.
    Reseal {
        #[command(flatten)]
        settings: Settings,
    },
    /// Make somebody the owner of a store or network, of a new store on the first run.
    Owner {
        #[command(flatten)]
        owner: Box<owner::Owner>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Have assertions signed by a new key at once, because the present one may be known to somebody. Keys also take
    /// turns by themselves, every thirty days.
    RotateKeys {
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Compare what services derived from each other's events with those who know it. Ends with 0 when all is well or
    /// was repaired, 1 when something is left to do, 2 when it could not look.
    Doctor {
        #[command(flatten)]
        options: doctor::Options,
        #[command(flatten)]
        settings: Settings,
    },
    /// Derive anew what services keep of each other's events, while they run: figures, orders, payments and reviews of
    /// customers, closed carts, purchases, confirmations. Ends as the doctor does.
    Rebuild {
        #[command(flatten)]
        projections: doctor::Projections,
        #[command(flatten)]
        settings: Settings,
    },
    /// Events that a service could not apply.
    DeadLetters {
        #[command(subcommand)]
        command: dead_letters::Command,
        #[command(flatten)]
        settings: Settings,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let patron = Patron::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()?;
    runtime.block_on(carry_out(patron.command))
}

async fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run { services, settings } => run(&services, settings).await?,
        Command::Migrate { services, settings } => house::migrate(&settings, &house::chosen(&services)?).await?,
        Command::Seed { demo: Some(file), customers, settings, .. } => {
            demo::make(settings, &file, customers.unwrap_or(300)).await?;
        }
        Command::Seed { customers, store, settings, .. } => {
            let customers = customers.context("say how many with --customers, or --demo FILE")?;
            seed::customers(&settings, store, customers).await?;
        }
        Command::Ready { ops_listen, tls_cert } => ready::ask(ops_listen, tls_cert.as_deref())?,
        Command::Reseal { settings } => reseal::carry_out(&settings).await?,
        Command::Owner { owner, settings } => owner::carry_out(settings, *owner).await?,
        Command::RotateKeys { settings } => rotate_keys::carry_out(settings).await?,
        Command::Openapi => println!("{}", gateway::openapi().to_pretty_json()?),
        Command::Doctor { options, settings } => return Ok(Box::pin(doctor::carry_out(settings, &options)).await),
        Command::Rebuild { projections, settings } => {
            return Ok(Box::pin(doctor::carry_out(settings, &projections.into())).await);
        }
        Command::DeadLetters { command, settings } => dead_letters::carry_out(&settings, &command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn run(services: &[String], settings: Settings) -> anyhow::Result<()> {
    let tls = settings.tls.load()?;
    let telemetry = telemetry::init(&settings.log, settings.otlp_endpoint.as_deref(), tls.peers)?;
    let names = house::chosen(services)?;
    let clock = settings.clock();
    let env = Env::new(settings, clock, &names).await?;
    let services = house::build(&env, &names)?;
    kit::service::run(env, services, &telemetry).await
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// PL-7: every command can be called.
    #[test]
    fn commands_are_well_formed() {
        Patron::command().debug_assert();
    }
}
