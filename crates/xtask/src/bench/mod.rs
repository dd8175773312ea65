//! `cargo xtask bench`: how fast a release build is on this machine, beside the machine's own limits.

mod command;
mod goal;
mod ground;
mod loading;
mod pgbench;
mod report;
mod table;

pub use command::{Options, bench};
