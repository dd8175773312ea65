//! Programs that run beside this one and outlive a crash of it.
//!
//! Each leaves a pid file. A pid alone proves nothing (the machine may have given it to another
//! program since), so a daemon is known by its pid *and* a marker in its command line.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt;
use crate::process;

/// What tells one daemon from all other programs.
#[derive(Clone, Debug)]
pub struct Identity {
    pub name: String,
    /// Its first line is the pid.
    pub pid_file: PathBuf,
    /// An argument only this daemon has, such as its data directory.
    pub marker: String,
    pub log: PathBuf,
}

/// A daemon seen running.
#[derive(Debug)]
pub struct Daemon {
    identity: Identity,
    pid: u32,
    child: Option<Child>,
}

impl Daemon {
    /// Starts it in a process group of its own, so that Ctrl-C reaches it only through us.
    pub fn spawn(identity: Identity, command: &mut Command) -> Result<Self> {
        let log = fresh_log(&identity.log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} cannot be started", identity.name))?;
        Ok(Self { pid: child.id(), identity, child: Some(child) })
    }

    /// As [`Daemon::spawn`], for programs that write no pid file of their own.
    pub fn spawn_recorded(identity: Identity, command: &mut Command) -> Result<Self> {
        let daemon = Self::spawn(identity, command)?;
        fs::write(&daemon.identity.pid_file, format!("{}\n", daemon.pid))?;
        Ok(daemon)
    }

    /// The one an earlier run left running, if any.
    pub fn left_over(identity: &Identity) -> Option<Self> {
        let text = fs::read_to_string(&identity.pid_file).ok()?;
        let pid = text.lines().next()?.trim().parse().ok()?;
        let mut daemon = Self { identity: identity.clone(), pid, child: None };
        daemon.is_running().then_some(daemon)
    }

    pub fn name(&self) -> &str {
        &self.identity.name
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub fn log(&self) -> &Path {
        &self.identity.log
    }

    pub fn is_running(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            // Empty for a zombie.
            None => command_line(self.pid).is_some_and(|line| line.contains(&self.identity.marker)),
        }
    }

    /// How it ended, for one that was started here: "exit status: 1".
    pub fn ending(&mut self) -> String {
        match self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
            Some(status) => status.to_string(),
            None => "gone".to_owned(),
        }
    }

    /// What is told of one that has ended by itself; `None` while it runs.
    pub fn obituary(&mut self) -> Option<String> {
        if self.is_running() {
            return None;
        }
        let ending = self.ending();
        let log = process::tail(self.log(), 20);
        Some(format!("{} has ended ({ending}); the end of {}:\n{log}", self.name(), self.log().display()))
    }

    pub fn signal(&mut self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid.cast_signed())
            && self.is_running()
        {
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until it has gone; false when it has not after `limit`.
    pub fn wait_gone(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while self.is_running() {
            if Instant::now() > until {
                return false;
            }
            interrupt::pause();
        }
        true
    }

    /// Sends `signal`, and SIGKILL when that has not helped after `grace`.
    pub fn stop(&mut self, signal: Signal, grace: Duration) {
        self.signal(signal);
        if !self.wait_gone(grace) {
            self.signal(Signal::KILL);
            self.wait_gone(Duration::from_secs(5));
        }
        let _ = fs::remove_file(&self.identity.pid_file);
    }
}

/// An empty log; what the run before wrote stays beside it as `.old`.
fn fresh_log(path: &Path) -> Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    if path.exists() {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    File::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// The command line of a process, arguments parted by spaces.
fn command_line(pid: u32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&bytes).replace('\0', " "));
    }
    process::answer(Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid.to_string()]))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn identity(name: &str, marker: &str) -> Identity {
        let directory = env::temp_dir().join(format!("xtask-daemon-{}-{name}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        Identity {
            name: name.to_owned(),
            pid_file: directory.join("pid"),
            marker: marker.to_owned(),
            log: directory.join("log"),
        }
    }

    #[test]
    fn a_pid_that_now_belongs_to_another_program_is_nobody() {
        let identity = identity("reused", "no-program-has-this-argument");
        fs::write(&identity.pid_file, format!("{}\n", std::process::id())).unwrap();
        assert!(Daemon::left_over(&identity).is_none());
    }

    #[test]
    fn a_crashed_run_finds_its_daemon_again_and_stops_it() {
        let identity = identity("left-over", "86399");
        drop(Daemon::spawn_recorded(identity.clone(), Command::new("sleep").arg("86399")).unwrap());
        // The command line of a program appears a moment after it has started.
        let mut found = loop {
            if let Some(found) = Daemon::left_over(&identity) {
                break found;
            }
        };
        found.stop(Signal::TERM, Duration::from_secs(5));
        assert!(!found.is_running());
        assert!(Daemon::left_over(&identity).is_none());
    }
}
