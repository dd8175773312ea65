//! Libraries: the digital products that customers have (OR-8). They are never kept: a library follows from the entries of
//! its ledger each time that it is looked at.
pub mod access;
pub mod begin_rebuild;
pub mod edit;
pub mod enter;
pub mod entry;
pub mod goods;
pub mod grant;
pub mod grpc;
pub mod history;
#[cfg(test)]
mod laws;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod library;
pub mod rebuild;
pub mod repair;
pub mod revoke;
pub mod store;
pub mod told;
pub mod view;
pub mod whose;
pub mod work;

pub use entry::{Entry, What};
pub use library::{Item, Source, library};
