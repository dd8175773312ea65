//! One store directory and the nats-server on it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::config::Config;
use super::{Binary, Profile};
use crate::daemon::{Daemon, Identity};
use crate::interrupt;
use crate::ports::Ports;
use crate::process;
use crate::progress::Step;

/// A private nats-server, running or not.
#[derive(Debug)]
pub struct Server {
    directory: PathBuf,
    profile: Profile,
    /// The directory of logs.
    logs: PathBuf,
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    pub daemon: Daemon,
    pub port: u16,
}

impl Running {
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub fn stop(&mut self) {
        self.daemon.stop(Signal::TERM, Duration::from_secs(20));
    }
}

impl Server {
    pub fn new(directory: PathBuf, profile: Profile, logs: &Path) -> Self {
        Self { directory, profile, logs: logs.to_path_buf() }
    }

    /// The server an earlier run left running.
    pub fn left_over(&self, ports: &Ports) -> Option<Running> {
        let daemon = Daemon::left_over(&self.identity())?;
        Some(Running { daemon, port: ports.known("nats")? })
    }

    /// Deletes the messages. The server must not run.
    pub fn forget(&self) -> Result<()> {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be deleted", self.directory.display()))
            }
            _ => Ok(()),
        }
    }

    pub fn start(&self, binary: &Binary, ports: &mut Ports, preferred: u16) -> Result<Running> {
        let step = Step::begin(&format!("starting nats-server {}", binary.version));
        fs::create_dir_all(&self.directory)?;
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let port = ports.pick("nats", preferred)?;
            self.write_config(&Config { port, store: &self.directory.join("store") }, binary)?;
            let mut command = Command::new(&binary.path);
            command.arg("-c").arg(self.config_file());
            let mut daemon = Daemon::spawn_recorded(self.identity(), &mut command)?;
            if wait_ready(&mut daemon, port)? {
                step.done(&format!("nats-server answers on 127.0.0.1:{port}"));
                return Ok(Running { daemon, port });
            }
            let log = process::tail(daemon.log(), 15);
            if !log.contains("address already in use") || Instant::now() > until {
                bail!("nats-server did not start ({}):\n{log}", daemon.ending());
            }
        }
    }

    fn write_config(&self, config: &Config<'_>, binary: &Binary) -> Result<()> {
        let file = self.config_file();
        fs::write(&file, config.render(self.profile, binary.version))?;
        Ok(())
    }

    fn identity(&self) -> Identity {
        Identity {
            name: "nats-server".to_owned(),
            pid_file: self.directory.join("pid"),
            marker: format!("-c {}", self.config_file().display()),
            log: self.logs.join("nats.log"),
        }
    }

    fn config_file(&self) -> PathBuf {
        self.directory.join("nats.conf")
    }
}

/// True when it answers with JetStream, false when it has ended.
fn wait_ready(daemon: &mut Daemon, port: u16) -> Result<bool> {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        if !daemon.is_running() {
            return Ok(false);
        }
        if greeting(port).is_some_and(|line| line.contains("\"jetstream\":true")) {
            return Ok(true);
        }
        if interrupt::requested() || Instant::now() > until {
            daemon.stop(Signal::TERM, Duration::from_secs(10));
            interrupt::check()?;
            bail!("nats-server was not ready after a minute");
        }
        interrupt::pause();
    }
}

/// The line a nats-server greets a client with.
fn greeting(port: u16) -> Option<String> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    Some(line)
}
