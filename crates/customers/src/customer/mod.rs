//! Customer records.
pub mod address;
pub mod base;
pub(crate) mod change;
pub mod change_contact;
pub mod contact;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod customer;
pub mod encode;
pub mod ensure;
pub mod find;
pub mod grpc;
pub mod known;
pub mod person;
pub mod personal;
pub mod register;
pub mod scope;
pub mod shopper;
pub mod state;
pub mod store;
pub mod update_profile;
pub mod whose;

pub use customer::Customer;
pub use scope::Scope;
pub use state::{Lifecycle, Registration, Standing};
