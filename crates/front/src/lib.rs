//! What every door to the public needs: where a request comes from, and how often its sender may come.
pub mod proxies;
pub mod rate;
