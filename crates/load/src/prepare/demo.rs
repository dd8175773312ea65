//! The file that describes a demo.
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::Deserialize;

/// What of it is needed.
#[derive(Debug, Deserialize)]
pub struct Demo {
    pub base_url: String,
    pub stores: Vec<Store>,
    pub mail_dir: PathBuf,
    staff: Vec<Staff>,
}

#[derive(Debug, Deserialize)]
pub struct Store {
    pub id: String,
    pub key: String,
}

#[derive(Debug, Deserialize)]
pub struct Staff {
    pub email: String,
    pub password: String,
    pub totp_secret: Option<String>,
    role: String,
}

impl Demo {
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        serde_json::from_str(&text).with_context(|| format!("{} does not describe a demo", file.display()))
    }

    /// Who may do everything.
    pub fn owner(&self) -> anyhow::Result<&Staff> {
        self.staff.iter().find(|staff| staff.role == "owner").context("the demo has no owner")
    }
}
