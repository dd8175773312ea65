//! Where PostgreSQL's files lie: under `.patron/`, or where its user can reach them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::Mode;
use rustix::process::umask;

use super::owner::Owner;
use crate::checkout::Checkout;
use crate::progress;

/// A directory for PostgreSQL's files and the user they belong to.
#[derive(Clone, Debug)]
pub struct Home {
    directory: PathBuf,
    owner: Option<Owner>,
}

impl Home {
    pub fn find(checkout: &Checkout) -> Result<Self> {
        let inside = checkout.directory("")?;
        let Some(owner) = Owner::needed()? else {
            return Ok(Self { directory: inside, owner: None });
        };
        // Whatever root's habit is: this user must enter the directories made here.
        umask(Mode::from_raw_mode(0o022));
        if owner.can_enter(&inside) {
            return Ok(Self { directory: inside, owner: Some(owner) });
        }
        let outside = Path::new("/var/lib/patron").join(checkout.fingerprint());
        fs::create_dir_all(&outside).with_context(|| format!("{} cannot be made", outside.display()))?;
        fs::write(outside.join("checkout"), format!("{}\n", checkout.root().display()))?;
        progress::say(&format!(
            "PostgreSQL runs as {}, who cannot enter {}: its files are in {}",
            owner.name,
            inside.display(),
            outside.display()
        ));
        Ok(Self { directory: outside, owner: Some(owner) })
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }
}
