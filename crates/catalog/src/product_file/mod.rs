//! Files that are sold and images that are shown (CA-1). What a product is sold with goes to its buyers only; images are
//! anybody's to see.
pub mod add;
pub mod change;
pub mod describe;
pub mod grpc;
pub mod pass;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod product_file;
pub mod remove;
pub mod replace;
pub mod store;
pub mod sweep;
mod touch;

pub use product_file::{ProductFile, Role};
