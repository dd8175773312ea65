//! Requests that hand files in: they are larger than others and may take longer.
use std::time::Duration;

use http::Method;

/// How large such a body may be, in bytes: a file of 25 MiB and what a form says around it.
pub const ROOM: usize = 25 * 1024 * 1024 + 64 * 1024;
/// How long it may take.
pub const LIMIT: Duration = Duration::from_mins(1);
/// How long it may take until the services behind have answered.
pub const WORK: Duration = Duration::from_millis(59_500);

/// Whether a request hands in a file.
pub fn is_upload(method: &Method, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let attachment = path.ends_with("/attachments") && path.contains("/tickets/");
    let sold = path.starts_with("/admin/v1/products/");
    let added = attachment || path == "/admin/v1/imports" || (sold && path.ends_with("/files"));
    let shown = sold && path.ends_with("/images");
    let photo = path.contains("/v1/customers/") && path.ends_with("/photo");
    let replaced = *method == Method::PUT && (photo || (sold && path.contains("/files/")));
    (*method == Method::POST && (added || shown)) || replaced
}
