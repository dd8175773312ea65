//! A nats-server of its own, which a test may kill and start again.
use std::{
    fs::File,
    io::{Read, Seek, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::Context;
use tempfile::TempDir;

/// The environment variable with the path of the nats-server binary.
const BINARY: &str = "PATRON_TEST_NATS_SERVER";

/// Ports of tests.
const FIRST_PORT: u16 = 20_000;
const LAST_PORT: u16 = 32_000;

/// A nats-server with a folder of its own.
pub struct Broker {
    port: u16,
    folder: TempDir,
    stores: bool,
    child: Option<Child>,
}

impl Broker {
    /// Starts one with JetStream.
    pub fn start() -> anyhow::Result<Self> {
        Self::begin(true)
    }

    /// Starts one that keeps nothing: it has no JetStream.
    pub fn forgetful() -> anyhow::Result<Self> {
        Self::begin(false)
    }

    fn begin(stores: bool) -> anyhow::Result<Self> {
        let mut broker = Self { port: free_port()?, folder: tempfile::tempdir()?, stores, child: None };
        broker.revive()?;
        Ok(broker)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where it keeps what it stores.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills it without warning.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again on the same port and folder.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        let binary: PathBuf =
            std::env::var_os(BINARY).with_context(|| format!("{BINARY} is not set: run `cargo xtask test`"))?.into();
        let mut command = Command::new(binary);
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string()]);
        if self.stores {
            command.args(["--jetstream", "--store_dir"]).arg(self.folder.path());
        }
        self.child = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        Ok(())
    }

    /// Kills it and wipes what it had stored.
    pub fn lose_disk(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        std::fs::remove_dir_all(self.folder.path().join("jetstream"))?;
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// A port that nobody listens on, and that no other test is given for a long while. Below the range that outgoing
/// connections take theirs from.
pub fn free_port() -> anyhow::Result<u16> {
    let mut counter = File::options().read(true).write(true).create(true).truncate(false).open(counter_file())?;
    counter.lock()?;
    let mut text = String::new();
    counter.read_to_string(&mut text)?;
    let mut port = text.trim().parse().unwrap_or(FIRST_PORT);
    loop {
        port = if port < LAST_PORT { port + 1 } else { FIRST_PORT };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            counter.rewind()?;
            counter.set_len(0)?;
            counter.write_all(port.to_string().as_bytes())?;
            return Ok(port);
        }
    }
}

/// Of each user their own, since others may not write to it.
fn counter_file() -> PathBuf {
    let user = std::env::var("USER").unwrap_or_default();
    std::env::temp_dir().join(format!("patron-test-port-{user}"))
}
