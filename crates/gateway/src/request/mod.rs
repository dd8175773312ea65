//! Reading requests: bodies, query parameters, lists, filters. Every fault is told with a pointer.
pub mod body;
pub mod file;
pub mod filter;
pub mod list;
pub mod params;
pub mod patch;
pub mod upload;
