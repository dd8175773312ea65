//! The cart editor: one cart as staff look at it, change it and have it bought (CA-4 to CA-8).
mod act;
mod attribution;
mod editor;
mod links;
mod open;
mod record;
mod refused;
mod search;

pub use act::{add, change, enter_code, ship};
pub use attribution::attribute;
pub use editor::show;
pub use links::{make as make_link, revoke as revoke_link};
pub use open::open;
