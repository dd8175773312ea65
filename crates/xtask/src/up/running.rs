//! The processes of the house while they run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::Signal;

use super::member::Member;
use crate::checkout::Checkout;
use crate::daemon::{Daemon, Identity};
use crate::interrupt;
use crate::progress;

/// How long requests under way may take to finish.
const GRACE: Duration = Duration::from_secs(20);

/// All processes started; stopped when this is dropped.
#[derive(Debug, Default)]
pub struct House {
    daemons: Vec<(Daemon, u16)>,
}

impl House {
    /// Starts every member. `settings` are the same for all of them.
    pub fn start(
        checkout: &Checkout,
        program: &Path,
        members: &[Member],
        settings: &BTreeMap<&str, String>,
    ) -> Result<Self> {
        let mut house = Self::default();
        fs::create_dir_all(checkout.state("run"))?;
        for member in members {
            let mut command = Command::new(program);
            command.arg("run").args(&member.services).current_dir(checkout.root());
            command.envs(settings).envs(member.variables(members));
            let daemon = Daemon::spawn_recorded(identity(checkout, &member.name), &mut command)?;
            house.daemons.push((daemon, member.ops));
        }
        Ok(house)
    }

    /// Stops what an earlier run left, in whichever processes it ran.
    pub fn stop_left_over(checkout: &Checkout) {
        for entry in fs::read_dir(checkout.state("run")).into_iter().flatten().flatten() {
            let path = entry.path();
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            if let Some(mut daemon) = Daemon::left_over(&identity(checkout, name)) {
                progress::say(&format!("stopping {name}, which an earlier run left"));
                daemon.stop(Signal::TERM, GRACE);
            }
            let _ = fs::remove_file(path);
        }
    }

    /// Waits until every process says that it is ready.
    pub fn wait_ready(&mut self) -> Result<()> {
        let until = Instant::now() + Duration::from_mins(2);
        loop {
            if let Some(obituary) = self.fallen() {
                bail!(obituary);
            }
            let waiting = self.daemons.iter().find(|(_, ops)| !is_ready(*ops));
            let Some((daemon, _)) = waiting else { return Ok(()) };
            if Instant::now() > until {
                bail!("{} is not ready after two minutes: see {}", daemon.name(), daemon.log().display());
            }
            interrupt::check()?;
            interrupt::pause();
        }
    }

    pub fn pids(&self) -> Vec<u32> {
        self.daemons.iter().map(|(daemon, _)| daemon.pid()).collect()
    }

    /// Leaves them running.
    pub fn keep(mut self) {
        self.daemons.clear();
    }

    /// Says which process has ended by itself, if one has.
    pub fn fallen(&mut self) -> Option<String> {
        self.daemons.iter_mut().find_map(|(daemon, _)| daemon.obituary())
    }
}

impl Drop for House {
    /// The last member faces outside: it drains while those it calls still answer.
    fn drop(&mut self) {
        let Some((mut gateway, _)) = self.daemons.pop() else { return };
        progress::say("stopping the services");
        gateway.stop(Signal::TERM, GRACE);
        for (daemon, _) in &mut self.daemons {
            daemon.signal(Signal::TERM);
        }
        for (daemon, _) in &mut self.daemons {
            daemon.stop(Signal::TERM, GRACE);
        }
    }
}

fn identity(checkout: &Checkout, name: &str) -> Identity {
    Identity {
        name: name.to_owned(),
        pid_file: checkout.state("run").join(format!("{name}.pid")),
        marker: "patron run".to_owned(),
        log: checkout.state("logs").join(format!("{name}.log")),
    }
}

/// Whether `/readyz` answers 200.
fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answers(line: &'static str) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /readyz "));
            stream.write_all(line.as_bytes()).unwrap();
        });
        let ready = is_ready(port);
        server.join().unwrap();
        ready
    }

    #[test]
    fn only_200_is_ready() {
        assert!(answers("HTTP/1.1 200 OK\r\n\r\n"));
        assert!(!answers("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
    }

    #[test]
    fn nobody_there_is_not_ready() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(!is_ready(port));
    }
}
