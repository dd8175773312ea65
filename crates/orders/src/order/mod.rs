//! Orders: what was bought, by whom, at which price, and how it stands (OR-2).
pub mod contact;
pub mod filter;
pub mod grpc;
pub mod line;
pub mod list;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod order;
pub mod parts;
pub mod standing;
pub mod store;
pub mod view;

pub use contact::Contact;
pub use filter::Filter;
pub use line::Line;
pub use order::{Client, Order, Totals};
pub use standing::{News, PaymentStatus, Standing, Status};
