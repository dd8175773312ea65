//! Codes that prove an e-mail address or a phone number (ID-6).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod code;
pub mod prove;
pub mod send;
pub mod store;

pub use code::{Purpose, Question};
pub use prove::prove;
pub use send::CodeLetter;
