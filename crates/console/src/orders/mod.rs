//! Orders: the detail page.
mod detail;
mod record;

pub use detail::detail;
