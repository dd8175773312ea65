//! What messages say: the templates, the values they need, and what they become per channel (NO-3).
mod account;
mod gift;
mod kind;
mod letter;
mod note;
mod order;
mod order_word;
mod push;
mod render;
mod sealed;
mod shop;
mod staff;
mod subscription;
mod ticket;
mod wording;

pub use gift::Present;
pub use kind::Template;
pub use letter::{Written, written};
pub use render::{MASK, Matter, Rendered, render};
pub use sealed::{open, seal};
pub use shop::Shop;
pub use subscription::Renewing;
pub use ticket::Told;
pub use wording::{clean, isolate};
