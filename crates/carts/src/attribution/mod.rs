//! Who and what brought carts about (CA-8).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
mod attribution;
mod store;

pub use attribution::{Colleagues, agent, read, work_on};
