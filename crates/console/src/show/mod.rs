//! How values look: money, times, words for slugs, masked data, addresses.
mod address;
mod badge;
mod credit;
mod day;
mod fact;
mod gift;
pub mod label;
mod link;
mod moment;
mod picture;
mod price;

pub use address::postal;
pub use badge::Badge;
pub use credit::{credit, words as credit_words};
pub use day::span;
pub use fact::{Fact, Redacted};
pub use gift::recipient;
pub use link::url;
pub use moment::Moment;
pub use picture::qr;
pub use price::{price, prices};
