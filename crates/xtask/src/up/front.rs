//! The demo's shop front, a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::checkout::Checkout;
use crate::daemon::{Daemon, Identity};
use crate::ports::Ports;
use crate::progress;

/// How long it may take to stop: it holds nothing.
const GRACE: Duration = Duration::from_secs(2);

/// It while it runs; stopped when this is dropped.
#[derive(Debug)]
pub struct Front {
    daemon: Daemon,
    /// Where it answers.
    pub url: String,
}

impl Front {
    /// Starts `program` as the front of the demo's first store.
    pub fn start(checkout: &Checkout, program: &Path, ports: &mut Ports) -> Result<Self> {
        let address = format!("127.0.0.1:{}", ports.pick("shop", 8070)?);
        let mut command = Command::new(program);
        command.arg("--demo").arg(checkout.state("demo.json")).args(["--listen", &address]);
        let daemon = Daemon::spawn_recorded(identity(checkout), &mut command)?;
        Ok(Self { daemon, url: format!("http://{address}") })
    }

    /// Stops what an earlier run left.
    pub fn stop_left_over(checkout: &Checkout) {
        if let Some(mut daemon) = Daemon::left_over(&identity(checkout)) {
            progress::say("stopping the shop front that an earlier run left");
            daemon.stop(Signal::TERM, GRACE);
        }
    }

    /// Says that it has ended by itself, if it has.
    pub fn fallen(&mut self) -> Option<String> {
        self.daemon.obituary()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.daemon.stop(Signal::TERM, GRACE);
    }
}

fn identity(checkout: &Checkout) -> Identity {
    Identity {
        name: "shop".to_owned(),
        pid_file: checkout.state("shop.pid"),
        marker: "--demo".to_owned(),
        log: checkout.state("logs").join("shop.log"),
    }
}
