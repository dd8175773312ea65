//! A private PostgreSQL: found or installed, set up, started, stopped.

mod binaries;
mod cluster;
mod home;
mod owner;
mod profile;
mod programs;

pub use binaries::Binaries;
pub use cluster::{Cluster, Running};
pub use home::Home;
pub use profile::Profile;
pub use programs::Programs;
