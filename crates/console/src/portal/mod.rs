//! The entrance of the account portal (`/account`): a link by mail signs in, no password ever (ID-14, ID-15).
mod ask;
mod guest;
mod link;
mod sign_out;
mod subscriptions;
mod tickets;

pub use ask::{ask, home};
pub use guest::{Portal, is_signed_out};
pub use link::{follow, show};
pub use sign_out::sign_out;
pub use subscriptions::{act as act_on_subscription, list as list_subscriptions};
pub use tickets::{list as list_tickets, open as open_ticket, read as read_file, reply, show as show_ticket};
