//! A PostgreSQL of its own, durable, which a test may kill and start again.
use std::{
    fs::File,
    os::unix::{fs::chown, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use testing::broker::free_port;

use crate::eventually;

/// The environment variable with the folder of PostgreSQL's programs.
const PROGRAMS: &str = "PATRON_TEST_POSTGRES_BIN";
/// The environment variable with `uid:gid` of who runs them when root may not; else empty.
const OWNER: &str = "PATRON_TEST_POSTGRES_OWNER";

/// A PostgreSQL with nothing in it but what a test puts there. It syncs every commit, so that what it has
/// acknowledged outlives SIGKILL. It ends when it is dropped.
pub struct Cluster {
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Cluster {
    /// Makes one and starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let programs = std::env::var_os(PROGRAMS).filter(|programs| !programs.is_empty());
        let programs = programs.with_context(|| format!("{PROGRAMS} is not set: run `cargo xtask test`"))?.into();
        let owner = owner(&std::env::var(OWNER).unwrap_or_default())?;
        let folder = tempfile::Builder::new().prefix("patron-postgres").tempdir()?;
        if let Some((uid, gid)) = owner {
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        let mut cluster = Self { programs, owner, folder, port: free_port()?, child: None };
        cluster.initialise()?;
        cluster.revive().await?;
        Ok(cluster)
    }

    /// The URL of a database of its own for `services`, with their tables.
    pub async fn database(&self) -> anyhow::Result<String> {
        sqlx::query("create database patron").execute(&mut self.connect("postgres").await?).await?;
        for (service, migrator) in house::migrators(&house::SERVICES) {
            kit::db::migrate(&self.url("patron"), service, migrator).await?;
        }
        Ok(self.url("patron"))
    }

    /// Kills it without warning. Its sessions notice and end by themselves.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again on the same port and data, and waits until it answers.
    pub async fn revive(&mut self) -> anyhow::Result<()> {
        let (url, log) = (self.url("postgres"), self.log());
        for _ in 0..100 {
            let mut child = self.spawn()?;
            // It ends at once while sessions of the one that was killed are still there.
            let answers = eventually("PostgreSQL answers or ends", || {
                let (url, ended) = (url.clone(), child.try_wait());
                async move {
                    let ended = ended?.is_some();
                    let answers = !ended && PgConnection::connect(&url).await.is_ok();
                    Ok((ended || answers).then_some(answers))
                }
            });
            if answers.await? {
                self.child = Some(child);
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        anyhow::bail!("PostgreSQL does not start: {}", std::fs::read_to_string(log).unwrap_or_default())
    }

    fn initialise(&self) -> anyhow::Result<()> {
        let mut initdb = self.command("initdb");
        initdb.args(["--username=patron", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        let made = initdb.arg("--pgdata").arg(self.data()).output()?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        Ok(())
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data());
        let port = format!("port={}", self.port);
        for setting in [&port, "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"] {
            postgres.args(["-c", setting]);
        }
        let log = File::options().create(true).append(true).open(self.log())?;
        Ok(postgres.stdout(log.try_clone()?).stderr(log).spawn()?)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir("/").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        if let Some((uid, gid)) = self.owner {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// A connection to `database`.
    pub async fn connect(&self, database: &str) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.url(database)).await?)
    }

    /// Where `database` is.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://patron@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // The quick way that takes its sessions along.
            let _ = kill_process(Pid::from_child(&child), Signal::QUIT);
            let _ = child.wait();
        }
    }
}

/// `uid:gid`; none when it is empty.
fn owner(text: &str) -> anyhow::Result<Option<(u32, u32)>> {
    let Some((uid, gid)) = text.split_once(':') else { return Ok(None) };
    Ok(Some((uid.parse()?, gid.parse()?)))
}
