//! Calling cargo from a program that cargo started.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::checkout::Checkout;
use crate::process;

/// A cargo command in the checkout.
///
/// What cargo told this program about its own package is taken away again: build scripts watch
/// those variables, and would run anew each time cargo is called from here and by hand in turns.
pub fn command(checkout: &Checkout) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(checkout.root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if about_us.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

/// The directory cargo builds into.
pub fn target(checkout: &Checkout) -> Result<PathBuf> {
    let text = process::answer(command(checkout).args(["metadata", "--no-deps", "--format-version", "1"]))
        .context("`cargo metadata` failed")?;
    let metadata: Metadata = serde_json::from_str(&text)?;
    Ok(metadata.target_directory)
}
