//! One data directory and the server on it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;

use super::owner::Owner;
use super::{Binaries, Home, Profile};
use crate::daemon::{Daemon, Identity};
use crate::interrupt;
use crate::ports::Ports;
use crate::process;
use crate::progress::Step;
use crate::secret;

const USER: &str = "patron";
/// The longest directory of a socket: its name and the port come on top, 15 characters, and the whole path may have 107 on
/// Linux and 103 on macOS.
const LONGEST_SOCKETS: usize = 88;

/// A private PostgreSQL, running or not.
#[derive(Debug)]
pub struct Cluster {
    home: Home,
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
    /// The directory of its socket; empty when there is none.
    sockets: String,
    password: String,
}

impl Running {
    /// The superuser's URL of one of its databases: by its socket, which costs both ends a sixth less than loopback.
    pub fn url(&self, database: &str) -> String {
        let host = if self.sockets.is_empty() { "127.0.0.1".to_owned() } else { self.sockets.replace('/', "%2F") };
        format!("postgres://{USER}:{}@{host}:{}/{database}", self.password, self.port)
    }

    /// Ends every session and writes everything down.
    pub fn stop(&mut self) {
        self.daemon.stop(Signal::INT, Duration::from_mins(1));
    }

    /// Ends at once, for data that nobody will read again.
    pub fn abandon(&mut self) {
        self.daemon.stop(Signal::QUIT, Duration::from_secs(10));
    }
}

impl Cluster {
    /// `path` is relative to the home, such as `test/postgres`.
    pub fn new(home: &Home, path: &str, profile: Profile, logs: &Path) -> Self {
        let directory = home.path(path);
        Self { home: home.clone(), directory, profile, logs: logs.to_path_buf() }
    }

    /// The server an earlier run left running.
    pub fn left_over(&self) -> Option<Running> {
        let daemon = Daemon::left_over(&self.identity())?;
        let port = self.status_line(3)?.parse().ok()?;
        let sockets = self.status_line(4)?;
        let password = fs::read_to_string(self.directory.join("password")).ok()?;
        Some(Running { daemon, port, sockets, password })
    }

    /// Deletes the data. The server must not run.
    pub fn forget(&self) -> Result<()> {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be deleted", self.directory.display()))
            }
            _ => Ok(()),
        }
    }

    /// Starts the server, on new data when there is none.
    pub fn start(&self, ports: &mut Ports, preferred: u16) -> Result<Running> {
        let made_by = fs::read_to_string(self.data().join("PG_VERSION")).ok();
        let made_by = made_by.and_then(|version| version.trim().parse().ok());
        let binaries = Binaries::provide(&self.home, made_by, &self.logs.join("install.log"))?;
        if made_by.is_none() {
            self.create(&binaries)?;
        }
        let step = Step::begin(&format!("starting PostgreSQL {}", binaries.version));
        let running = self.start_existing(&binaries, ports, preferred)?;
        step.done(&format!("PostgreSQL answers on 127.0.0.1:{}", running.port));
        Ok(running)
    }

    /// Makes the data directory under another name first: a crash leaves no half of one.
    fn create(&self, binaries: &Binaries) -> Result<()> {
        let step = Step::begin(&format!("setting up PostgreSQL {}", binaries.version));
        self.forget()?;
        fs::create_dir_all(&self.directory)?;
        self.give(&self.directory)?;
        let password = self.write_password()?;
        let unfinished = self.directory.join("unfinished");
        let mut initdb = self.command(&binaries.program("initdb"))?;
        initdb
            .arg("--pgdata")
            .arg(&unfinished)
            .args(["--username", USER, "--encoding=UTF8", "--locale=C.UTF-8", "--pwfile"])
            .arg(&password)
            .args(self.profile.initdb());
        process::run_logged(&mut initdb, &self.logs.join("initdb.log"))?;
        self.create_database(binaries, &unfinished)?;
        fs::rename(&unfinished, self.data())?;
        step.done("set up");
        Ok(())
    }

    fn write_password(&self) -> Result<PathBuf> {
        let file = self.directory.join("password");
        fs::write(&file, secret::hex(16)?)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        self.give(&file)?;
        Ok(file)
    }

    /// In single-user mode, so that no client program is needed.
    fn create_database(&self, binaries: &Binaries, data: &Path) -> Result<()> {
        let mut postgres = self.command(&binaries.program("postgres"))?;
        postgres.args(["--single", "-D"]).arg(data).arg("postgres");
        let script = self.directory.join("create.sql");
        fs::write(
            &script,
            "CREATE DATABASE patron;\n\
             SELECT name FROM pg_available_extensions WHERE name = 'pg_trgm';\n",
        )?;
        let input = fs::File::open(&script)?;
        let output = postgres.stdin(Stdio::from(input)).output()?;
        fs::remove_file(&script)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() && !complaint.contains("ERROR"), "the database could not be made: {complaint}");
        ensure!(
            said.contains("\"pg_trgm\""),
            "PostgreSQL {} comes without the extension pg_trgm: install its contrib package",
            binaries.version
        );
        Ok(())
    }

    fn start_existing(&self, binaries: &Binaries, ports: &mut Ports, preferred: u16) -> Result<Running> {
        // Of a server that is gone (`left_over` is asked first); its pid may be another's now.
        let _ = fs::remove_file(self.identity().pid_file);
        let password = fs::read_to_string(self.directory.join("password"))
            .context("the password of the private PostgreSQL is gone; start afresh with --reset")?;
        let until = Instant::now() + Duration::from_mins(1);
        let mut sockets = self.sockets();
        loop {
            let port = ports.pick("postgres", preferred)?;
            let _ = fs::remove_file(self.directory.join(format!(".s.PGSQL.{port}.lock")));
            let mut command = self.command(&binaries.program("postgres"))?;
            command.arg("-D").arg(self.data());
            for setting in self.profile.settings(port, &sockets) {
                command.args(["-c", &setting]);
            }
            let mut daemon = Daemon::spawn(self.identity(), &mut command)?;
            if self.wait_ready(&mut daemon)? {
                return Ok(Running { daemon, port, sockets, password });
            }
            let log = process::tail(daemon.log(), 15);
            if !sockets.is_empty() && log.contains("Unix-domain socket") {
                sockets.clear(); // not every file system has them
                continue;
            }
            if !is_passing(&log) || Instant::now() > until {
                bail!("PostgreSQL did not start ({}):\n{log}", daemon.ending());
            }
            interrupt::pause();
        }
    }

    /// True when it answers, false when it has ended.
    fn wait_ready(&self, daemon: &mut Daemon) -> Result<bool> {
        let until = Instant::now() + Duration::from_mins(5);
        loop {
            if self.status_line(7).is_some_and(|status| status == "ready") {
                return Ok(true);
            }
            if !daemon.is_running() {
                return Ok(false);
            }
            if interrupt::requested() || Instant::now() > until {
                daemon.stop(Signal::INT, Duration::from_secs(30));
                interrupt::check()?;
                bail!("PostgreSQL was not ready after five minutes");
            }
            interrupt::pause();
        }
    }

    fn command(&self, program: &Path) -> Result<Command> {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        if let Some(owner) = self.owner()? {
            owner.run_as(&mut command);
        }
        Ok(command)
    }

    fn give(&self, path: &Path) -> Result<()> {
        self.owner()?.map_or(Ok(()), |owner| owner.give(path))
    }

    /// Whom the data belongs to, or will: asked anew each time, because installing PostgreSQL
    /// brings a user for it.
    fn owner(&self) -> Result<Option<Owner>> {
        if self.data().exists() { Ok(Owner::of(&self.data())) } else { Owner::needed() }
    }

    fn identity(&self) -> Identity {
        Identity {
            name: "PostgreSQL".to_owned(),
            pid_file: self.data().join("postmaster.pid"),
            marker: format!("-D {} ", self.data().display()),
            log: self.logs.join("postgres.log"),
        }
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Where its socket is to be: with its data, unless the path is too long for one or has signs of URLs and settings
    /// in it. Tests go by loopback, as from another machine.
    fn sockets(&self) -> String {
        let path = self.directory.display().to_string();
        if self.profile != Profile::Test && may_hold_sockets(&path) { path } else { String::new() }
    }

    /// A line of the file PostgreSQL keeps about itself: 0 the pid, 3 the port, 4 the directory of its socket, 7 the
    /// state.
    fn status_line(&self, number: usize) -> Option<String> {
        let text = fs::read_to_string(self.identity().pid_file).ok()?;
        Some(text.lines().nth(number)?.trim().to_owned())
    }
}

fn may_hold_sockets(path: &str) -> bool {
    path.len() <= LONGEST_SOCKETS && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
}

/// Troubles that go away: somebody was faster with the port, or sessions of a killed server have
/// not ended yet.
fn is_passing(log: &str) -> bool {
    ["Address already in use", "shared memory block", "lock file"].iter().any(|trouble| log.contains(trouble))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_odd_paths_hold_no_sockets() {
        assert!(may_hold_sockets("/srv/patron-1.0/.patron/postgres"));
        assert!(may_hold_sockets(&format!("/{}", "p".repeat(LONGEST_SOCKETS - 1))));
        for path in [format!("/{}", "p".repeat(LONGEST_SOCKETS)), "/srv/my shop".into(), "/a,b".into(), "/%2F".into()] {
            assert!(!may_hold_sockets(&path), "{path}");
        }
    }
}
