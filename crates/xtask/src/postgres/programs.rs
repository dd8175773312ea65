//! What a test needs to run a PostgreSQL of its own, one that it may kill.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::owner::Owner;
use super::{Binaries, Home};

/// The programs and the user who may run them.
#[derive(Debug)]
pub struct Programs {
    /// The directory with `postgres` and `initdb` in it.
    pub directory: PathBuf,
    /// `uid:gid` of whom root has to hand them to; empty for a user who may run them.
    pub owner: String,
}

impl Programs {
    pub fn provide(home: &Home, log: &Path) -> Result<Self> {
        let directory = Binaries::provide(home, None, log)?.directory().to_path_buf();
        // Asked afterwards: installing PostgreSQL brings a user for it.
        let owner = Owner::needed()?.map(|owner| owner.ids()).unwrap_or_default();
        Ok(Self { directory, owner })
    }
}
