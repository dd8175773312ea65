//! The PostgreSQL and nats-server that tests run against: fast, private and thrown away.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::interrupt;
use crate::nats::{self, Binary, Server};
use crate::ports::Ports;
use crate::postgres::{self, Cluster, Home};
use crate::progress;

const DATABASE_URL: &str = "PATRON_TEST_DATABASE_URL";
const NATS_URL: &str = "PATRON_TEST_NATS_URL";
const NATS_SERVER: &str = "PATRON_TEST_NATS_SERVER";
const POSTGRES_BIN: &str = "PATRON_TEST_POSTGRES_BIN";
const POSTGRES_OWNER: &str = "PATRON_TEST_POSTGRES_OWNER";

/// Both servers, the parts of them that are private, and where they answer.
#[derive(Debug)]
pub struct TestServers {
    postgres: Option<postgres::Running>,
    nats: Option<nats::Running>,
    nats_server: PathBuf,
    /// For tests that kill a PostgreSQL of their own.
    programs: Option<postgres::Programs>,
    /// Exists while `cargo xtask services` has left them running, and alone stops them.
    kept: PathBuf,
}

impl TestServers {
    /// Takes those that run already, else starts both on empty data. A URL set by hand stands for
    /// a server that is neither started nor stopped here.
    pub fn provide(checkout: &Checkout) -> Result<Self> {
        let logs = checkout.directory("logs/test")?;
        let binary = Binary::provide(&checkout.directory("tools")?, &logs.join("install.log"))?;
        let mut servers = Self::left_over(checkout)?;
        servers.nats_server.clone_from(&binary.path);
        servers.programs = Some(postgres::Programs::provide(&Home::find(checkout)?, &logs.join("install.log"))?);
        if servers.is_whole() && servers.kept.exists() {
            progress::say("using the test servers that run already");
            return Ok(servers);
        }
        servers.stop();
        let mut ports = ports(checkout)?;
        if env::var_os(DATABASE_URL).is_none() {
            let cluster = cluster(checkout)?;
            cluster.forget()?;
            servers.postgres = Some(cluster.start(&mut ports, 54_330)?);
        }
        if env::var_os(NATS_URL).is_none() {
            let server = nats_server(checkout);
            server.forget()?;
            servers.nats = Some(server.start(&binary, &mut ports, 42_230)?);
        }
        Ok(servers)
    }

    /// Those an earlier call left running.
    pub fn left_over(checkout: &Checkout) -> Result<Self> {
        let ports = ports(checkout)?;
        Ok(Self {
            postgres: cluster(checkout)?.left_over(),
            nats: nats_server(checkout).left_over(&ports),
            nats_server: PathBuf::new(),
            programs: None,
            kept: checkout.state("test/kept"),
        })
    }

    /// What tests are told, as environment variables.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let given = |name| env::var(name).unwrap_or_default();
        let database = self.postgres.as_ref().map(|running| running.url("postgres"));
        let nats = self.nats.as_ref().map(nats::Running::url);
        let programs = self.programs.as_ref();
        vec![
            (DATABASE_URL, database.unwrap_or_else(|| given(DATABASE_URL))),
            (NATS_URL, nats.unwrap_or_else(|| given(NATS_URL))),
            (NATS_SERVER, self.nats_server.display().to_string()),
            (POSTGRES_BIN, programs.map(|it| it.directory.display().to_string()).unwrap_or_default()),
            (POSTGRES_OWNER, programs.map(|it| it.owner.clone()).unwrap_or_default()),
        ]
    }

    /// Lets them run on when this program ends.
    pub fn keep(&self) -> Result<()> {
        Ok(fs::write(&self.kept, "")?)
    }

    pub fn stop(&mut self) {
        let _ = fs::remove_file(&self.kept);
        if let Some(mut nats) = self.nats.take() {
            nats.stop();
        }
        if let Some(mut postgres) = self.postgres.take() {
            postgres.abandon();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.postgres.is_none() && self.nats.is_none()
    }

    fn is_whole(&self) -> bool {
        (self.postgres.is_some() || env::var_os(DATABASE_URL).is_some())
            && (self.nats.is_some() || env::var_os(NATS_URL).is_some())
    }
}

impl Drop for TestServers {
    fn drop(&mut self) {
        if !self.kept.exists() {
            self.stop();
        }
    }
}

fn cluster(checkout: &Checkout) -> Result<Cluster> {
    let logs = checkout.state("logs/test");
    Ok(Cluster::new(&Home::find(checkout)?, "test/postgres", postgres::Profile::Test, &logs))
}

fn nats_server(checkout: &Checkout) -> Server {
    Server::new(checkout.state("test/nats"), nats::Profile::Test, &checkout.state("logs/test"))
}

fn ports(checkout: &Checkout) -> Result<Ports> {
    Ok(Ports::open(&checkout.directory("test")?.join("ports.json")))
}

/// Held while the test servers are started, used or stopped by one command.
pub fn lock(checkout: &Checkout) -> Result<fs::File> {
    let file = fs::File::create(checkout.directory("test")?.join("lock"))?;
    if file.try_lock().is_err() {
        progress::say("waiting for another test run in this checkout");
        while file.try_lock().is_err() {
            interrupt::check()?;
            interrupt::pause();
        }
    }
    Ok(file)
}
