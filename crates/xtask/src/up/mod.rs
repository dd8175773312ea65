//! `cargo xtask up`: the whole house on this machine, with a demo in it.

mod backing;
mod command;
mod demo;
mod front;
mod member;
mod running;

pub use command::{Options, own_secret, up};
pub use member::{separate, together};
pub use running::House;
