//! What events of other services say about customers. Each fact counts once, in whatever order and however often its
//! events arrive, so that the figures of a record are always the same.
pub mod cart;
pub mod gift;
pub mod order;
pub mod payment;
pub mod registration;
pub mod review;
pub mod sales;
pub mod sign_of_life;
pub mod store;
pub mod subscription;
