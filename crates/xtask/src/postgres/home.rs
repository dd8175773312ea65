//! Where PostgreSQL's files lie: under `.patron/`, or where its user can reach them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use anyhow::{Context, Result};
use rustix::fs::Mode;
use rustix::process::umask;

use super::owner::Owner;
use crate::checkout::Checkout;
use crate::progress;

static TOLD: Once = Once::new();

/// A directory that PostgreSQL's user can enter.
#[derive(Clone, Debug)]
pub struct Home {
    directory: PathBuf,
}

impl Home {
    pub fn find(checkout: &Checkout) -> Result<Self> {
        let inside = checkout.directory(".")?;
        let Some(owner) = Owner::needed()? else {
            return Ok(Self { directory: inside });
        };
        // Whatever root's habit is: this user must enter the directories made here.
        umask(Mode::from_raw_mode(0o022));
        if owner.can_enter(&inside) {
            return Ok(Self { directory: inside });
        }
        let outside = Path::new("/var/lib/patron").join(checkout.fingerprint());
        fs::create_dir_all(&outside).with_context(|| format!("{} cannot be made", outside.display()))?;
        fs::write(outside.join("checkout"), format!("{}\n", checkout.root().display()))?;
        TOLD.call_once(|| {
            let (owner, inside) = (owner.name, inside.display());
            let outside = outside.display();
            progress::say(&format!(
                "PostgreSQL runs as {owner}, who cannot enter {inside}: its files are in {outside}"
            ));
        });
        Ok(Self { directory: outside })
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }
}
