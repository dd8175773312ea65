//! Sessions of customers and staff members: opened by signing in, found by their token, ended by signing out (ID-10).
pub mod end;
pub mod grpc;
pub mod open;
pub mod own;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod session;
pub mod shut_out;
pub mod store;

pub use session::{Kind, Session, Subject};
