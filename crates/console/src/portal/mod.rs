//! The entrance of the account portal (`/account`): a link by mail signs in, no password ever (ID-14, ID-15).
mod ask;
mod guest;
mod library;
mod link;
mod orders;
mod pay;
mod sign_out;
mod subscriptions;
mod tickets;

pub use ask::{ask, home};
pub use guest::{Portal, is_signed_out};
pub use library::{download, list as list_library};
pub use link::{follow, show};
pub use orders::{list as list_orders, receipt, show as show_order};
pub use pay::pay as pay_order;
pub use sign_out::sign_out;
pub use subscriptions::{act as act_on_subscription, list as list_subscriptions};
pub use tickets::{list as list_tickets, open as open_ticket, read as read_file, reply, show as show_ticket};
