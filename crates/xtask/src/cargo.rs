//! Calling cargo from a program that cargo started.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

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

/// Builds, with cargo's own progress on the terminal, and tells where the programs are by name.
pub fn build(checkout: &Checkout, arguments: &[&str]) -> Result<BTreeMap<String, PathBuf>> {
    let mut child = command(checkout)
        .arg("build")
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let messages = child.stdout.take().context("cargo says nothing")?;
    let reader = thread::spawn(move || programs(messages));
    let status = process::wait(child)?;
    if !status.success() {
        bail!("the build failed");
    }
    Ok(reader.join().unwrap_or_default())
}

/// What `cargo metadata` says, in the shape the caller needs.
pub fn metadata<T: DeserializeOwned>(checkout: &Checkout, arguments: &[&str]) -> Result<T> {
    let output = command(checkout)
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("`cargo metadata` failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("`cargo metadata` is not understood")
}

/// The directory cargo builds into.
pub fn target(checkout: &Checkout) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let metadata: Metadata = metadata(checkout, &["--no-deps"])?;
    Ok(metadata.target_directory)
}

#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

fn programs(messages: ChildStdout) -> BTreeMap<String, PathBuf> {
    BufReader::new(messages).lines().map_while(Result::ok).filter_map(|line| program(&line)).collect()
}

/// The program a line of cargo's messages tells of; test programs are none.
fn program(line: &str) -> Option<(String, PathBuf)> {
    let message: Message = serde_json::from_str(line).ok()?;
    let target = message.target?;
    let is_program = target.kind == ["bin"] && !message.profile?.test;
    is_program.then_some((target.name, message.executable?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(kind: &str, test: bool) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","target":{{"name":"patron","kind":["{kind}"]}},
                "profile":{{"test":{test}}},"executable":"/t/patron"}}"#
        )
    }

    #[test]
    fn finds_programs_and_not_their_tests() {
        let found = program(&artifact("bin", false));
        assert_eq!(found, Some(("patron".to_owned(), PathBuf::from("/t/patron"))));
        assert_eq!(program(&artifact("bin", true)), None);
        assert_eq!(program(&artifact("test", true)), None);
        assert_eq!(program(r#"{"reason":"build-finished","success":true}"#), None);
    }
}
