//! Subscriptions: what of an order is paid for again, by the calendar of its store, until somebody ends it (OR-7).
pub mod act;
pub mod calendar;
pub mod catalog;
pub mod change;
pub mod course;
pub mod draft;
pub mod grpc;
pub mod list;
pub mod reach;
pub mod renew;
pub mod settled;
pub mod state;
pub mod store;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod subscription;
pub mod tell;
pub mod view;

pub use course::{Setback, Step};
pub use renew::Renewals;
pub use state::{News, State};
pub use subscription::{Subscription, Target, Terms};
