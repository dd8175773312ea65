//! What the measured house stands on: servers that keep their promises to the disk.

use anyhow::Result;

use crate::checkout::Checkout;
use crate::nats::{self, Binary, Server};
use crate::ports::Ports;
use crate::postgres::{self, Cluster, Home};
use crate::progress;

/// Both servers; stopped when this is dropped, nats-server first.
#[derive(Debug)]
pub struct Ground {
    pub postgres: postgres::Running,
    pub nats: nats::Running,
    kept: bool,
}

impl Ground {
    /// Starts both on what earlier runs left in `corner`, or on nothing when it is to be `fresh`.
    pub fn start(checkout: &Checkout, corner: &Checkout, fresh: bool) -> Result<Self> {
        let home = Home::find(checkout)?;
        let logs = corner.directory("logs")?;
        let mut ports = Ports::open(&corner.state("ports.json"));
        let name = corner.state(".").strip_prefix(checkout.state("."))?.join("postgres");
        let cluster = Cluster::new(&home, &name.display().to_string(), postgres::Profile::Bench, &logs);
        if let Some(mut left_over) = cluster.left_over() {
            progress::say("stopping the PostgreSQL that an earlier run left");
            left_over.stop();
        }
        let binary = Binary::provide(&checkout.directory("tools")?, &logs.join("install.log"))?;
        binary.warn_when_old();
        let server = Server::new(corner.state("nats"), nats::Profile::Demo, &logs);
        if let Some(mut left_over) = server.left_over(&ports) {
            progress::say("stopping the nats-server that an earlier run left");
            left_over.stop();
        }
        if fresh {
            cluster.forget()?;
            server.forget()?;
        }
        let postgres = cluster.start(&mut ports, 54_350)?;
        let nats = server.start(&binary, &mut ports, 42_250)?;
        Ok(Self { postgres, nats, kept: false })
    }

    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if !self.kept {
            progress::say("stopping nats-server and PostgreSQL");
            self.nats.stop();
            self.postgres.stop();
        }
    }
}
