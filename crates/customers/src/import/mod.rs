//! Customers out of comma-separated files: uploaded, mapped, checked, and carried out behind the request. A row is somebody
//! by the id it names, else by its e-mail address, else by a phone that signs in; it makes a lead of whom nobody knew, since
//! only a purchase makes a customer (CU-1).
pub mod begin;
pub mod cancel;
pub mod change;
pub mod decode;
pub mod fault;
pub mod field;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod import;
pub mod plan;
pub mod report;
pub mod row;
pub mod step;
pub mod store;
pub mod table;
pub mod upload;
pub mod work;

pub use import::{Import, State};
