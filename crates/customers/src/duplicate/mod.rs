//! Records that are likely to be of the same person (CU-14): same phone, same name and postal code, similar e-mail. They are
//! found beside all requests, among what has changed, and kept as pairs, so that a list is one look into an index.
pub mod grpc;
pub mod search;
mod store;

pub use search::{run, search};
