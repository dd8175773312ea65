//! What stores take for shipping and as tax (CA-11): two simple tables that the catalog has, kept until their version says
//! that they have changed.
pub mod ask;
pub mod place;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod tariff;

pub use ask::Tariffs;
pub use place::{Place, Places};
pub use tariff::{Method, Tariff};
