//! Support tickets (ST-1 to ST-3): what customers and staff say to each other, and what staff note beside it.
pub mod change;
pub mod close;
pub mod colleagues;
pub mod comment;
mod events;
mod filter;
pub mod follow_up;
pub mod grpc;
mod letter;
pub mod links;
mod list;
pub mod open;
pub mod reply;
mod state;
mod store;
mod thread;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod ticket;
pub mod viewer;

pub use comment::Comment;
pub use state::{Channel, Priority, Status};
pub use store::{close_all, find};
pub use ticket::Ticket;
