//! Where things lie: the checkout, and what runs leave under its `.patron/`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// One clone of the repository. Everything generated stays under `.patron/` in it.
#[derive(Clone, Debug)]
pub struct Checkout {
    root: PathBuf,
    state: PathBuf,
}

impl Checkout {
    /// The checkout `cargo xtask` was called in.
    pub fn here() -> Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest) => PathBuf::from(manifest),
            None => env::current_dir().context("the current directory cannot be read")?,
        };
        let root = start
            .ancestors()
            .find(|directory| directory.join("crates/xtask/Cargo.toml").is_file())
            .context("run this inside a checkout of Patron")?;
        Ok(Self { root: root.to_path_buf(), state: root.join(".patron") })
    }

    /// The same checkout for runs that keep to a directory of their own under `.patron/`.
    pub fn corner(&self, path: &str) -> Self {
        Self { root: self.root.clone(), state: self.state(path) }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path under `.patron/`; `.` is that directory itself.
    pub fn state(&self, path: &str) -> PathBuf {
        self.state.join(path).components().collect()
    }

    /// A path under `.patron/`, made as a directory when it is missing.
    pub fn directory(&self, path: &str) -> Result<PathBuf> {
        let directory = self.state(path);
        fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
        Ok(directory)
    }

    /// A short name that differs between checkouts and never changes for one (FNV-1a of its path).
    pub fn fingerprint(&self) -> String {
        let bytes = self.root.as_os_str().as_encoded_bytes();
        let hash = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{hash:016x}")
    }
}
