//! Debian's packages, where this user may install them.

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use anyhow::{Context, Result};
use rustix::process::getuid;

use crate::process;
use crate::progress::{self, Step};

static UPDATED: Once = Once::new();

/// Read by Debian's PostgreSQL packages when they are installed.
const CLUSTER_SETTING: &str = "/etc/postgresql-common/createcluster.d/patron-setup.conf";

/// `apt-get`, as root or through sudo that asks for no password.
#[derive(Clone, Copy, Debug)]
pub struct Debian {
    sudo: bool,
}

impl Debian {
    /// `None` on another system, or when this user may not install anything.
    pub fn available() -> Option<Self> {
        process::answer(Command::new("apt-get").arg("--version"))?;
        if getuid().is_root() {
            return Some(Self { sudo: false });
        }
        process::answer(Command::new("sudo").args(["-n", "true"]))?;
        Some(Self { sudo: true })
    }

    /// Installs packages without asking anything. `log` takes what apt says.
    pub fn install(self, packages: &[&str], log: &Path) -> Result<()> {
        self.update(log);
        let step = Step::begin(&format!("installing {} from Debian", packages.join(", ")));
        let mut command = self.command("apt-get");
        command
            .args(["install", "-y", "-q", "--no-install-recommends"])
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(packages);
        process::finish_logged(&mut command, log)?;
        step.done("installed");
        Ok(())
    }

    /// Installs the PostgreSQL server alone: Debian would also make and start a cluster, which
    /// nobody here asked for.
    pub fn install_postgres(self, log: &Path) -> Result<()> {
        self.install(&["postgresql-common"], log)?;
        let script =
            format!("mkdir -p $(dirname {CLUSTER_SETTING}) && echo 'create_main_cluster = false' > {CLUSTER_SETTING}");
        process::finish_logged(self.command("sh").args(["-c", &script]), log)?;
        let installed = self.install(&["postgresql"], log);
        process::finish_logged(self.command("rm").args(["-f", CLUSTER_SETTING]), log)?;
        installed
    }

    /// The version Debian would install, such as `15+248`.
    pub fn candidate(self, package: &str, log: &Path) -> Option<String> {
        self.update(log);
        let policy = process::answer(Command::new("apt-cache").args(["policy", package]))?;
        let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?.trim();
        (candidate != "(none)").then(|| candidate.to_owned())
    }

    /// Once per run. An old list may still do, so a failure is only told.
    fn update(self, log: &Path) {
        UPDATED.call_once(|| {
            let step = Step::begin("reading Debian's list of packages");
            let updated = process::finish_logged(self.command("apt-get").args(["update", "-q"]), log)
                .context("the list could not be read anew");
            match updated {
                Ok(()) => step.done("read"),
                Err(error) => progress::warn(&format!("{error:#}")),
            }
        });
    }

    fn command(self, program: &str) -> Command {
        let mut command = if self.sudo {
            let mut command = Command::new("sudo");
            command.args(["-n", "env"]);
            command
        } else {
            Command::new("env")
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", program]);
        command
    }
}
