//! The way to a nats-server that asks who comes.
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use async_nats::{ConnectOptions, connection::State};
use testing::broker::free_port;

/// A nats-server that lets nobody in without a password.
struct Guarded(Child, u16);

impl Guarded {
    fn start() -> anyhow::Result<Self> {
        let binary = std::env::var_os("PATRON_TEST_NATS_SERVER").context("run `cargo xtask test`")?;
        let port = free_port()?;
        let mut command = Command::new(binary);
        command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--user", "patron", "--pass", "p@ss"]);
        Ok(Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?, port))
    }

    /// Whether a client of these `urls` gets in within a while.
    async fn admits(&self, urls: &str, patience: Duration) -> anyhow::Result<bool> {
        let client = mesh::broker::connect(urls, ConnectOptions::new()).await?;
        let admitted = async {
            while client.connection_state() != State::Connected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        Ok(tokio::time::timeout(patience, admitted).await.is_ok())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_password_in_the_url_opens_the_door() -> anyhow::Result<()> {
    let server = Guarded::start()?;
    let (place, long) = (format!("127.0.0.1:{}", server.1), Duration::from_secs(30));
    assert!(server.admits(&format!("nats://patron:p%40ss@{place}"), long).await?);
    assert!(!server.admits(&format!("nats://patron:other@{place}"), Duration::from_secs(1)).await?);
    assert!(!server.admits(&format!("nats://{place}"), Duration::from_secs(1)).await?);
    // One of a cluster that is away does no harm, and the credentials are for all.
    let cluster = format!("nats://patron:p%40ss@127.0.0.1:{},nats://{place}", free_port()?);
    assert!(server.admits(&cluster, long).await?);
    Ok(())
}
