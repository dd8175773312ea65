//! One of several ways to get a program.

use anyhow::Result;

use crate::interrupt;
use crate::progress;

/// Tells of a failure and goes on to the next way, unless somebody asked to stop.
pub fn attempt(result: Result<()>) -> Result<()> {
    interrupt::check()?;
    if let Err(error) = result {
        progress::warn(&format!("{error:#}"));
    }
    Ok(())
}
