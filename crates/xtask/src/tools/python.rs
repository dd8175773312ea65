//! Python programs that tests run, in a virtual environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Source, wheel};
use crate::process;
use crate::progress::Step;

/// Every package with its version and hashes, written from `requirements.in` beside it.
const REQUIREMENTS: &str = include_str!("../../python/requirements.txt");

/// A virtual environment that holds exactly the pinned packages.
#[derive(Clone, Debug)]
pub struct PythonTools {
    directory: PathBuf,
}

impl PythonTools {
    /// Finds it or makes it in `tools`; made anew when the pinned packages change.
    pub fn provide(tools: &Path, log: &Path) -> Result<Self> {
        let environment = Self { directory: tools.join("python") };
        if !environment.is_current() {
            if !Source::chosen()?.may_use_wheels() {
                bail!("tests need Python packages that are not here yet, and PATRON_TOOLS lets nothing be installed");
            }
            environment.make(log)?;
        }
        Ok(environment)
    }

    /// What tests are told: programs are in `bin` of this directory.
    pub fn variable(&self) -> (&'static str, PathBuf) {
        ("PATRON_PYTHON_TOOLS", self.directory.clone())
    }

    /// The list is written when all of it is installed; a moved checkout leaves a python that does not run.
    fn is_current(&self) -> bool {
        let runs = || process::answer(Command::new(self.program()).args(["-c", "import yaml"])).is_some();
        fs::read_to_string(self.list()).is_ok_and(|list| list == REQUIREMENTS) && runs()
    }

    fn make(&self, log: &Path) -> Result<()> {
        let pip = wheel::pip(&self.directory.with_extension("pip"), log)?;
        let step = Step::begin("installing Python programs that tests run");
        let mut make = Command::new("python3");
        // Debian's python3 has no pip to put into an environment; the one found above serves it from outside.
        make.args(["-m", "venv", "--clear", "--without-pip"]).arg(&self.directory);
        process::run_logged(&mut make, log).context("no virtual environment can be made")?;
        let wanted = self.directory.join("wanted.txt");
        fs::write(&wanted, REQUIREMENTS)?;
        let mut install = Command::new(&pip[0]);
        install
            .args(&pip[1..])
            .arg("--python")
            .arg(self.program())
            .args(["install", "--no-input", "--disable-pip-version-check", "--retries", "2"])
            .args(["--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement"])
            .arg(&wanted);
        process::run_logged(&mut install, log).context("Python packages that tests need could not be installed")?;
        fs::rename(wanted, self.list())?;
        step.done("installed");
        Ok(())
    }

    fn program(&self) -> PathBuf {
        self.directory.join("bin/python")
    }

    fn list(&self) -> PathBuf {
        self.directory.join("requirements.txt")
    }
}
