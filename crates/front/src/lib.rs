//! What every door to the public needs: where a request comes from, how often its sender may come, and
//! files on their way in and out.
pub mod download;
pub mod form;
pub mod proxies;
pub mod rate;
pub mod sheet;
