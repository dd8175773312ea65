//! Accounts: which of them are used, unused, or suspected to be spam (AD-2), as a job that looks at each.
pub mod audit;
pub mod begin;
pub mod door;
pub mod facts;
pub mod finding;
pub mod grpc;
pub(crate) mod list;
mod name;
pub mod registration;
pub mod rules;
pub mod spam;
pub mod store;
pub mod witness;
pub mod work;

pub use audit::{Audit, Verdict};
pub use finding::{Finding, Kind};
pub use rules::Rules;
