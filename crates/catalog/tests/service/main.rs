//! The catalog through its clients, on a real database.
mod contents;
mod counter;
mod files;
mod imports;
mod plans;
mod products;
mod tariffs;
