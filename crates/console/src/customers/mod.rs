//! Customers: the list, and the pages about one of them.
mod addresses;
mod consents;
mod edit;
mod erase;
mod head;
mod impersonate;
mod list;
mod merge;
mod notes;
mod profile;
mod query;
mod record;
mod row;
mod sign_in;
mod standing;
mod tags;

pub use addresses::{delete as delete_address, list as list_addresses, save as save_address};
pub use consents::{record as record_consents, show as show_consents};
pub use edit::{change, edit, make, start};
pub use erase::{ask as ask_erasure, erase, export as export_data, progress as erasure_progress};
pub use impersonate::{ask_why, end_impersonation, impersonate};
pub use list::list;
pub use notes::{add as add_note, edit as edit_note, list as list_notes};
pub use profile::profile;
pub use sign_in::{manage as manage_sign_in, show as show_sign_in};
pub use standing::{ask as ask_standing, set as set_standing};
pub use tags::change as change_tags;
