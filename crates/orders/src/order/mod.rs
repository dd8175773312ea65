//! Orders: what was bought, by whom, at which price, and how it stands (OR-2).
pub mod cancel;
pub mod contact;
pub mod delivery;
pub mod desk;
pub mod discount;
pub mod doer;
pub mod edit;
pub mod filter;
pub mod fulfil;
pub mod grpc;
pub mod line;
pub mod list;
pub mod mark_paid;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod order;
pub mod parts;
pub mod standing;
pub mod store;
pub mod tax;
pub mod view;
pub mod words;

pub use contact::Contact;
pub use delivery::Delivery;
pub use discount::Discount;
pub use doer::Doer;
pub use filter::Filter;
pub use line::{Line, Plan};
pub use order::{Client, Order, Totals};
pub use standing::{Fulfilment, News, PaymentStatus, Standing, Status};
pub use tax::TaxRate;
