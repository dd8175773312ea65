//! What the services stand on: PostgreSQL and nats-server, private or given.

use std::env;

use anyhow::{Result, bail};

use crate::checkout::Checkout;
use crate::daemon::Daemon;
use crate::nats::{self, Binary, Server};
use crate::ports::Ports;
use crate::postgres::{self, Cluster, Home};
use crate::progress;

const DATABASE_URL: &str = "PATRON_DATABASE_URL";
const NATS_URL: &str = "PATRON_NATS_URL";

/// Both servers; those started here are stopped when this is dropped, nats-server first.
#[derive(Debug)]
pub struct Backing {
    pub database_url: String,
    pub nats_url: String,
    nats: Option<nats::Running>,
    postgres: Option<postgres::Running>,
}

impl Backing {
    pub fn start(checkout: &Checkout, ports: &mut Ports, reset: bool) -> Result<Self> {
        let given_database = env::var(DATABASE_URL).ok();
        let given_nats = env::var(NATS_URL).ok();
        if reset && (given_database.is_some() || given_nats.is_some()) {
            bail!("--reset deletes only private data: unset {DATABASE_URL} and {NATS_URL} for it");
        }
        let mut backing = Self {
            database_url: given_database.clone().unwrap_or_default(),
            nats_url: given_nats.clone().unwrap_or_default(),
            nats: None,
            postgres: None,
        };
        if given_database.is_none() {
            let running = start_postgres(checkout, ports, reset)?;
            backing.database_url = running.url("patron");
            backing.postgres = Some(running);
        }
        if given_nats.is_none() {
            let running = start_nats(checkout, ports, reset)?;
            backing.nats_url = running.url();
            backing.nats = Some(running);
        }
        Ok(backing)
    }

    /// Says which server has ended by itself, if one has.
    pub fn fallen(&mut self) -> Option<String> {
        let postgres = self.postgres.as_mut().map(|running| &mut running.daemon);
        let nats = self.nats.as_mut().map(|running| &mut running.daemon);
        postgres.into_iter().chain(nats).find_map(Daemon::obituary)
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        if let Some(mut nats) = self.nats.take() {
            progress::say("stopping nats-server");
            nats.stop();
        }
        if let Some(mut postgres) = self.postgres.take() {
            progress::say("stopping PostgreSQL");
            postgres.stop();
        }
    }
}

fn start_postgres(checkout: &Checkout, ports: &mut Ports, reset: bool) -> Result<postgres::Running> {
    let home = Home::find(checkout)?;
    let cluster = Cluster::new(&home, "postgres", postgres::Profile::Demo, &checkout.directory("logs")?);
    if let Some(mut left_over) = cluster.left_over() {
        progress::say("stopping the PostgreSQL that an earlier run left");
        left_over.stop();
    }
    if reset {
        cluster.forget()?;
    }
    cluster.start(ports, 54_320)
}

fn start_nats(checkout: &Checkout, ports: &mut Ports, reset: bool) -> Result<nats::Running> {
    let logs = checkout.directory("logs")?;
    let binary = Binary::provide(&checkout.directory("tools")?, &logs.join("install.log"))?;
    binary.warn_when_old();
    let server = Server::new(checkout.state("nats"), nats::Profile::Demo, &logs);
    if let Some(mut left_over) = server.left_over(ports) {
        progress::say("stopping the nats-server that an earlier run left");
        left_over.stop();
    }
    if reset {
        server.forget()?;
    }
    server.start(&binary, ports, 42_220)
}
