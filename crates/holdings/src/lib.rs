//! What services keep of people (CU-15). Each has one list of all its columns, and everything follows from it: what is
//! masked for those who may not see it (ID-23), what somebody's own export has, and what an erasure deletes or leaves.
//! A column that is in no list fails a test.
mod answers;
mod erase;
mod event;
mod export;
pub mod house;
pub mod list;
pub mod merged;
pub mod moves;
mod person;
mod serve;
pub mod traces;
pub mod work;

pub use erase::{Counts, erase};
pub use event::{hear, note};
pub use export::{answer, export};
pub use list::{Class, Columns, Table, hidden, nobody, plain, shown, told};
pub use person::Person;
