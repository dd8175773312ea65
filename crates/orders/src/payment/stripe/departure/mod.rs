//! Customers of Stripe's that are to be deleted there, since the house forgets who they were.
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod departure;
pub mod store;

pub use departure::Departures;
