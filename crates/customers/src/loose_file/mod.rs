//! Bytes that belong to nobody, and their removal: what is handed in is noted here before its first byte is written and
//! taken over by the row that it belongs to; what such a row leaves behind comes here again.
pub mod store;
pub mod sweep;
