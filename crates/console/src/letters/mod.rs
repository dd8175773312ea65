//! What staff write themselves (NO-6): to one customer, or to many; and addresses that came back (NO-4).
mod campaign;
mod campaigns;
mod customer;
mod draft;
mod suppressions;

pub use campaign::{cancel as cancel_campaign, show as show_campaign};
pub use campaigns::{begin as begin_campaign, list as list_campaigns, start as start_campaign};
pub use customer::{list as list_messages, write as write_letter};
pub use suppressions::{lift as lift_suppression, list as list_suppressions};
