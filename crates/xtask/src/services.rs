//! `cargo xtask services`: the servers tests need, for running tests by hand.

use anyhow::Result;

use crate::cargo;
use crate::checkout::Checkout;
use crate::progress;
use crate::test_servers::{self, TestServers};
use crate::tools::PythonTools;

/// Starts them and leaves them running; prints lines for a shell to evaluate.
pub fn start(checkout: &Checkout) -> Result<()> {
    let _lock = test_servers::lock(checkout)?;
    let log = checkout.directory("logs/test")?.join("install.log");
    let (name, python) = PythonTools::provide(&checkout.directory("tools")?, &log)?.variable();
    let servers = TestServers::provide(checkout)?;
    servers.keep()?;
    for (name, value) in servers.variables() {
        println!("export {name}='{value}'");
    }
    println!("export {name}='{}'", python.display());
    println!("export PATRON_BIN='{}'", cargo::target(checkout)?.join("debug/patron").display());
    progress::say("left running; stop them with `cargo xtask services --stop`");
    Ok(())
}

/// Stops them, once no test run uses them.
pub fn stop(checkout: &Checkout) -> Result<()> {
    let _lock = test_servers::lock(checkout)?;
    let mut servers = TestServers::left_over(checkout)?;
    if servers.is_empty() {
        progress::say("no test servers run");
        return Ok(());
    }
    servers.stop();
    progress::say("the test servers are stopped");
    Ok(())
}
