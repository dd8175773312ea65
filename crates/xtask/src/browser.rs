//! Chromium and its driver for the tests of the console: found or installed.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::tools::{self, Debian, Source};

/// A page without any font has no text, and a button without text no size to click on.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

/// A browser that tests can drive.
#[derive(Clone, Debug)]
pub struct Browser {
    chromium: PathBuf,
    driver: PathBuf,
}

impl Browser {
    /// Finds it, or installs it where this user may; `None` elsewhere.
    pub fn provide(log: &Path) -> Result<Option<Self>> {
        let source = Source::chosen()?;
        if let Some(browser) = Self::find() {
            return Ok(Some(browser));
        }
        if source.may_use_packages()
            && let Some(debian) = Debian::available()
        {
            tools::attempt(debian.install(&PACKAGES, log))?;
            return Ok(Self::find());
        }
        Ok(None)
    }

    /// What tests are told, as environment variables.
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [("PATRON_TEST_CHROMIUM", &self.chromium), ("PATRON_TEST_CHROMEDRIVER", &self.driver)]
    }

    fn find() -> Option<Self> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"];
        Some(Self {
            chromium: env::var_os("PATRON_TEST_CHROMIUM").map(PathBuf::from).or_else(|| on_path(&chromium))?,
            driver: env::var_os("PATRON_TEST_CHROMEDRIVER")
                .map(PathBuf::from)
                .or_else(|| on_path(&["chromedriver"]))?,
        })
    }
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = env::split_paths(&path).chain([PathBuf::from("/usr/bin")]).collect();
    let found = |name: &&str| directories.iter().map(|place| place.join(name)).find(|file| file.is_file());
    names.iter().find_map(found)
}
