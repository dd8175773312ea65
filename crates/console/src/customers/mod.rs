//! Customers: the list, and the pages about one of them.
mod accounts;
mod addresses;
mod bulk;
mod carts;
mod cleanup;
mod consents;
mod duplicates;
mod edit;
mod erase;
mod exports;
pub mod head;
mod impersonate;
mod import;
mod imports;
mod job;
mod library;
mod list;
mod merge;
mod merging;
mod notes;
mod photo;
mod profile;
mod purchases;
mod query;
mod record;
mod retention;
mod row;
mod segments;
mod sign_in;
mod standing;
mod tags;
mod timeline;

pub use accounts::{run as audit_accounts, schedule as schedule_audits, show as show_accounts};
pub use addresses::{delete as delete_address, list as list_addresses, save as save_address};
pub use bulk::{ask as ask_bulk, change as change_many};
pub use carts::{checkout_now, export as export_carts, open as open_carts};
pub use cleanup::{ask as ask_cleanup, clean as clean_accounts};
pub use consents::{record as record_consents, show as show_consents};
pub use duplicates::list as list_duplicates;
pub use edit::{change, edit, make, start};
pub use erase::{ask as ask_erasure, erase, export as export_data, progress as erasure_progress};
pub use exports::{
    ask as ask_export, ask_another as ask_another_export, key as export_key, list as list_exports, take as take_export,
};
pub use impersonate::{ask_why, end_impersonation, impersonate};
pub use import::{
    begin as start_import, cancel as cancel_import, check as check_import, report as import_report, show as show_import,
};
pub use imports::{list as list_imports, upload as upload_import};
pub use job::{cancel as cancel_job, report as job_report, show as show_job};
pub use library::{change as change_library, show as show_library};
pub use list::list;
pub use merging::{compare, merge as merge_customers, progress as merge_progress};
pub use notes::{add as add_note, edit as edit_note, list as list_notes};
pub use photo::{put as put_photo, remove as remove_photo};
pub use profile::{MessageRow, page as profile_page, profile};
pub use purchases::show as show_purchases;
pub use retention::show as show_retention;
pub use row::title;
pub use segments::{drop as drop_segment, list as list_segments, save as save_segment};
pub use sign_in::{manage as manage_sign_in, show as show_sign_in};
pub use standing::{ask as ask_standing, set as set_standing};
pub use tags::change as change_tags;
pub use timeline::list as list_timeline;
