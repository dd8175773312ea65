//! Receipts as PDF: fonts that go with the file, text of any direction, tables that go on over pages.
mod font;
mod layout;
mod text;
mod write;

pub use write::pdf;
