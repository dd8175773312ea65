//! Orders: their list and the ledger, the page of one, and what is done with it from there.
mod act;
mod attribution;
mod detail;
mod links;
mod list;
mod payment_links;
mod query;
pub mod receipts;
mod record;
mod transactions;

pub use act::{cancel, edit, fulfil, mark_paid, refund};
pub use attribution::show as show_attribution;
pub use detail::detail;
pub use links::{make_link, revoke_link};
pub use list::{export, list};
pub use payment_links::{make_payment_link, revoke_payment_link};
pub use transactions::{export_transactions, transactions};
