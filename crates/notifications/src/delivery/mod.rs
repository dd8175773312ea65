//! Sends what is queued: takes what is due, makes it, hands it over, records how it went.
//!
//! Several processes may do this at once: a message taken is leased. Whoever dies between handing over and recording
//! leaves a message that is sent again, under the same `Message-ID` or file name.
mod compose;
mod devices;
mod gifts;
mod readers;
mod work;

pub use work::{Delivery, run};
