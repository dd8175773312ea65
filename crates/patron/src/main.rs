//! `patron`: runs one, several or all services, migrates, seeds, and looks after dead letters.
mod ready;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};
use house::{dead_letters, demo, seed};
use kit::{ids::StoreId, service::Env, settings::Settings, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Events that a service could not apply.
    DeadLetters {
        #[command(subcommand)]
        command: dead_letters::Command,
        #[command(flatten)]
        settings: Settings,
    },
}

fn main() -> anyhow::Result<()> {
    let patron = Patron::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(carry_out(patron.command))
}

async fn carry_out(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run { services, settings } => run(&services, settings).await,
        Command::Migrate { services, settings } => house::migrate(&settings, &house::chosen(&services)?).await,
        Command::Seed { demo, customers, store, settings } => {
            if let Some(file) = demo {
                return demo::make(settings, &file, customers.unwrap_or(300)).await;
            }
            seed::customers(&settings, store, customers.context("say how many with --customers, or --demo FILE")?).await
        }
        Command::Ready { ops_listen } => ready::ask(ops_listen),
        Command::Openapi => {
            println!("{}", gateway::openapi().to_pretty_json()?);
            Ok(())
        }
        Command::DeadLetters { command, settings } => dead_letters::carry_out(&settings, &command).await,
    }
}

async fn run(services: &[String], settings: Settings) -> anyhow::Result<()> {
    let telemetry = telemetry::init(&settings.log, settings.otlp_endpoint.as_deref())?;
    let names = house::chosen(services)?;
    let clock = settings.clock();
    let env = Env::new(settings, clock, &names).await?;
    let services = house::build(&env, &names)?;
    kit::service::run(env, services, &telemetry).await
}
