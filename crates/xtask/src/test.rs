//! `cargo xtask test`: every test of the workspace, with all they need set up before and taken
//! down after.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::browser::Browser;
use crate::cargo;
use crate::checkout::Checkout;
use crate::interrupt;
use crate::process;
use crate::progress::{self, Step};
use crate::test_servers::{self, TestServers};
use crate::tools::PythonTools;

/// What `cargo xtask test` is asked for.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Fail when there is no browser to test the console with
    #[arg(long)]
    require_browser: bool,
    /// Given to nextest as they are, such as the name of a test
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Runs them all; fails when one fails.
pub fn test(checkout: &Checkout, options: &Options) -> Result<()> {
    let _lock = test_servers::lock(checkout)?;
    let log = checkout.directory("logs/test")?.join("install.log");
    let browser = Browser::provide(&log)?;
    if browser.is_none() && options.require_browser {
        bail!("the browser test cannot run: install chromium and its chromedriver");
    }
    let python = PythonTools::provide(&checkout.directory("tools")?, &log)?;
    let runner = Runner::provide(checkout)?;
    let variables = {
        let step = Step::begin("building everything");
        let programs = cargo::build(checkout, &["--workspace", "--all-targets"])?;
        step.done("built");
        let program = programs.get("patron").map(|path| ("PATRON_BIN", path.clone()));
        let browser = browser.iter().flat_map(Browser::variables);
        browser
            .map(|(name, path)| (name, path.to_path_buf()))
            .chain(program)
            .chain([python.variable()])
            .collect::<Vec<_>>()
    };
    let servers = TestServers::provide(checkout)?;

    let mut command = runner.command(checkout, &options.arguments);
    command.envs(servers.variables()).envs(variables.iter().cloned());
    let tests = process::status(&mut command)?;
    let examples = if tests.success() { doc_tests(checkout, &servers, &options.arguments)? } else { None };
    drop(servers);
    if browser.is_none() {
        progress::warn("the browser test did NOT run: there is no chromium with chromedriver here");
    }
    if !tests.success() || examples.is_some_and(|status| !status.success()) {
        bail!("tests failed");
    }
    Ok(())
}

/// What runs the tests.
enum Runner {
    Nextest,
    Cargo,
}

impl Runner {
    fn provide(checkout: &Checkout) -> Result<Self> {
        let is_there = || process::answer(cargo::command(checkout).args(["nextest", "--version"]));
        if is_there().is_some() {
            return Ok(Self::Nextest);
        }
        let step = Step::begin("building cargo-nextest, which is not here (minutes)");
        let mut install = cargo::command(checkout);
        install.args(["install", "--locked", "cargo-nextest"]);
        if let Err(error) = process::run(&mut install) {
            interrupt::check()?;
            progress::warn(&format!("{error:#}; running the tests with cargo alone"));
            return Ok(Self::Cargo);
        }
        step.done("built");
        Ok(Self::Nextest)
    }

    fn command(&self, checkout: &Checkout, arguments: &[String]) -> Command {
        let mut command = cargo::command(checkout);
        match self {
            Self::Nextest => command.args(["nextest", "run", "--workspace"]),
            Self::Cargo => command.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]),
        };
        command.args(arguments);
        command
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// The examples in documentation, when there are any; none when tests were chosen by name.
fn doc_tests(checkout: &Checkout, servers: &TestServers, chosen: &[String]) -> Result<Option<ExitStatus>> {
    if !chosen.is_empty() || !has_examples(checkout)? {
        return Ok(None);
    }
    let mut command = cargo::command(checkout);
    command.args(["test", "--doc", "--workspace"]).envs(servers.variables());
    process::status(&mut command).map(Some)
}

fn has_examples(checkout: &Checkout) -> Result<bool> {
    let metadata: Metadata = cargo::metadata(checkout, &["--no-deps"])?;
    let targets = metadata.packages.iter().flat_map(|package| &package.targets);
    let libraries = targets.filter(|target| target.kind.iter().any(|kind| kind == "lib"));
    Ok(libraries.filter_map(|library| library.src_path.parent()).any(directory_has_example))
}

/// Whether a documentation comment below a directory holds an example.
fn directory_has_example(directory: &Path) -> bool {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return directory_has_example(&path);
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        is_source && fs::read_to_string(&path).is_ok_and(|text| has_example(&text))
    })
}

/// A block marked as another language than Rust is text, not an example.
fn has_example(source: &str) -> bool {
    let comments = source.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))
    });
    let mut inside = false;
    for line in comments {
        let Some(mark) = line.trim().strip_prefix("```") else { continue };
        if !inside && matches!(mark, "" | "rust" | "no_run" | "should_panic" | "compile_fail") {
            return true;
        }
        inside = !inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_a_block_of_rust_in_a_comment() {
        assert!(has_example("/// ```\n/// assert!(true);\n/// ```\nfn f() {}"));
        assert!(!has_example("/// ```text\n/// a -> b\n/// ```\nfn f() {}"));
        assert!(has_example("/// ```text\n/// ```\n/// ```rust\n/// ```"));
        assert!(!has_example("// ```\n// not documentation\n// ```"));
    }
}
