//! What journeys stand on: the real binary on a database and a broker of its own, and the people who use it.
pub mod authority;
pub mod cluster;
pub mod house;
pub mod http;
pub mod mail;
pub mod shop;
pub mod staff;
pub mod wait;

pub use authority::Authority;
pub use cluster::Cluster;
pub use house::{Form, House};
pub use http::{Answer, Http};
pub use shop::{Buyer, Shop};
pub use staff::Member;
pub use wait::eventually;
