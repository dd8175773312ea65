//! The front door: what happens to every request before its route is asked, and to every answer after.
pub mod admission;
pub mod arrival;
pub mod rate;
pub mod slash;
pub mod uploads;
