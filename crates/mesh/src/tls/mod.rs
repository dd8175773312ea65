//! TLS on every way (PL-7).
mod config;
mod fresh;
mod own;
mod settings;

pub use config::{ClientTls, Identity, ServerTls, client, server};
pub use fresh::Fresh;
pub use own::encrypt_to_own;
pub use settings::{Tls, TlsSettings};
